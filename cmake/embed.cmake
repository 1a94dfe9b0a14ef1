# surge_embed(TARGET ROOT FILES...): puts files into the target's binary and makes embedded_files() of app/embedded_files.h.
# Assembler's .incbin takes the bytes as they are, so nothing is parsed or copied at compile time.
function(surge_embed target root)
  set(assembly "  .section .rodata\n")
  set(externs "")
  set(rows "")
  set(index 0)
  foreach(file IN LISTS ARGN)
    file(RELATIVE_PATH path ${root} ${file})
    string(APPEND assembly "  .global surge_embedded_${index}\nsurge_embedded_${index}:\n  .incbin \"${file}\"\n"
                           "  .global surge_embedded_${index}_end\nsurge_embedded_${index}_end:\n  .byte 0\n")
    string(APPEND externs "extern \"C\" const char surge_embedded_${index}[];\nextern \"C\" const char surge_embedded_${index}_end[];\n")
    string(APPEND rows "      {\"${path}\", std::string_view(surge_embedded_${index}, surge_embedded_${index}_end)},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembly "  .section .note.GNU-stack,\"\",@progbits\n")
  set(directory ${CMAKE_BINARY_DIR}/embedded)
  file(CONFIGURE OUTPUT ${directory}/embedded.S CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${directory}/embedded_table.cc CONTENT "#include \"app/embedded_files.h\"

${externs}
namespace surgetank {
std::span<const EmbeddedFile> embedded_files() {
  static const EmbeddedFile files[] = {
${rows}  };
  return files;
}
}  // namespace surgetank
" @ONLY)
  set_source_files_properties(${directory}/embedded.S PROPERTIES OBJECT_DEPENDS "${ARGN}")
  target_sources(${target} PRIVATE ${directory}/embedded.S ${directory}/embedded_table.cc)
endfunction()

# surge_embed_text(TARGET FILE SYMBOL): one file in the library's binary as `extern "C" const char SYMBOL[], SYMBOL_end[]`.
function(surge_embed_text target file symbol)
  set(assembly "  .section .rodata\n  .global ${symbol}\n${symbol}:\n  .incbin \"${file}\"\n  .global ${symbol}_end\n${symbol}_end:\n  .byte 0\n"
               "  .section .note.GNU-stack,\"\",@progbits\n")
  string(JOIN "" assembly ${assembly})
  set(path ${CMAKE_BINARY_DIR}/embedded/${symbol}.S)
  file(CONFIGURE OUTPUT ${path} CONTENT "${assembly}" @ONLY)
  set_source_files_properties(${path} PROPERTIES OBJECT_DEPENDS ${file})
  target_sources(${target} PRIVATE ${path})
endfunction()
