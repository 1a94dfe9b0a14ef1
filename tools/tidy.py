#!/usr/bin/env python3
"""Style as a test: the include matrix, banned calls, sizes. Prints one line per violation (file:line: what) and exits 1 if there is any."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SRC = os.path.join(ROOT, "src")

# A layer may include itself and what is named here. Services never include each other; net and engine never see a service.
LAYERS = {
    "base": [],
    "shape": ["base"],
    "wire": ["base", "shape"],
    "storage": ["base", "shape"],
    "kernel": ["base", "shape", "wire", "storage"],
    "services": ["base", "shape", "wire", "storage", "kernel"],
    "stack": ["base", "shape", "wire", "storage", "kernel"],
    "net": ["base", "shape", "wire", "storage", "kernel"],
    "engine": ["base", "shape", "wire", "storage", "kernel", "net"],
    "sim": ["base", "shape", "wire", "storage", "kernel", "services", "stack", "engine"],
    "windtunnel": ["base", "shape", "wire", "storage", "kernel", "services", "stack", "net", "engine", "sim"],
    "app": ["base", "shape", "wire", "storage", "kernel", "services", "stack", "net", "engine", "sim", "windtunnel"],
}
# Deterministic code gets time, chance and the outside world through its arguments only.
DETERMINISTIC = ("base", "shape", "wire", "kernel", "services", "stack")
BANNED_IN_DETERMINISTIC = [
    (re.compile(r"_clock::now"), "reads a clock; use Call::now or Lane::now"),
    (re.compile(r"(?<![\w.>])time\s*\(\s*(nullptr|NULL|0|&)"), "reads a clock"),
    (re.compile(r"(?<!\w)s?rand\s*\("), "uses rand; use Random"),
    (re.compile(r"random_device"), "uses random_device; use Entropy"),
    (re.compile(r"(?<!\w)getenv\s*\("), "reads the environment"),
    (re.compile(r"std::(thread|jthread|async)\b"), "starts a thread"),
    (re.compile(r"sleep(_for|_until)?\s*\("), "sleeps"),
    (re.compile(r"\bgettimeofday|clock_gettime"), "reads a clock"),
]
BANNED_EVERYWHERE = [
    (re.compile(r"std::regex|#include\s*<regex>"), "std::regex is banned (it can run for minutes or crash); use RE2"),
    (re.compile(r"\bco_(await|return|yield)\b"), "coroutines are banned (GCC 12 miscompiles them)"),
]
# Heavy headers stay out of headers, and where they belong.
HEADER_BANNED = [(re.compile(r'#include\s*[<"](boost/|simdjson|rocksdb/|yaml-cpp|re2/|openssl/)'), "heavy header inside a header")]
HEADER_EXEMPT = {"storage/rocks_options.h", "storage/rocks_txn.h"}
MAX_LINE = 150
MAX_FILE = 600
MAX_FUNCTION = 75

problems = []


def problem(path, line, text):
    problems.append(f"{os.path.relpath(path, ROOT)}:{line}: {text}")


def is_test(name):
    return name.endswith("_test.cc") or "/testing/" in name or os.path.basename(name).startswith("test_")


def strip_comments(line):
    return re.sub(r"//.*$", "", re.sub(r'"(\\.|[^"\\])*"', '""', line))


def check_includes(path, relative, number, line):
    match = re.match(r'#include "([^"]+)"', line)
    if not match:
        return
    included = match.group(1)
    layer = relative.split("/")[0]
    target = included.split("/")[0]
    if target not in LAYERS:
        problem(path, number, f'include "{included}" does not start at src/')
        return
    if target == layer:
        if layer == "services" and included.split("/")[1] != relative.split("/")[1]:
            problem(path, number, f"service {relative.split('/')[1]} includes service {included.split('/')[1]}")
        return
    if target not in LAYERS[layer]:
        problem(path, number, f"layer {layer} includes layer {target}")


def check_functions(path, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and re.match(r"^\S.*\)\s*(const|noexcept|override|\s)*(:.*)?\{\s*$", line) and not line.startswith(("namespace", "struct", "class", "enum", "#")):
            start = number
        elif start is not None and line.startswith("}"):
            if number - start + 1 > MAX_FUNCTION:
                problem(path, start, f"function of {number - start + 1} lines (at most {MAX_FUNCTION})")
            start = None


def check_file(path):
    relative = os.path.relpath(path, SRC)
    layer = relative.split("/")[0]
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    header = path.endswith(".h")
    if header:
        if lines[0] != "#pragma once":
            problem(path, 1, "a header begins with #pragma once")
        elif len(lines) > 1 and not lines[1].startswith("//"):
            problem(path, 2, "a header opens with its contract as a comment")
    if len(lines) > MAX_FILE + 1 and not is_test(relative):
        problem(path, MAX_FILE, f"{len(lines) - 1} lines (at most {MAX_FILE})")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE and 'R"' not in line and "http" not in line and not is_test(relative):
            problem(path, number, f"line of {len(line)} characters (at most {MAX_LINE})")
        check_includes(path, relative, number, line)
        code = strip_comments(line)
        for pattern, why in BANNED_EVERYWHERE:
            if pattern.search(code):
                problem(path, number, why)
        if layer in DETERMINISTIC and not is_test(relative):
            for pattern, why in BANNED_IN_DETERMINISTIC:
                if pattern.search(code):
                    problem(path, number, why)
        if header and relative not in HEADER_EXEMPT:
            for pattern, why in HEADER_BANNED:
                if pattern.search(line):
                    problem(path, number, why)
    if not is_test(relative):
        check_functions(path, lines)


def main():
    for directory, _, files in os.walk(SRC):
        for name in sorted(files):
            if name.endswith((".cc", ".h")):
                check_file(os.path.join(directory, name))
    for line in sorted(problems):
        print(line)
    print(f"tidy: {len(problems)} violations", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
