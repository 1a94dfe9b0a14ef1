#pragma once
// Advice for people: as text for a terminal and as a page of its own. Findings of one rule stand together, with the cure once. Pure; any
// thread. Colours come from whoever prints.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "windtunnel/advice/advice.h"

namespace surgetank::windtunnel {

enum class Ink : std::uint8_t { Plain, Strong, Quiet, Good, Warning, Bad };
struct TextStyle {
  std::size_t width = 100;  // columns
  std::function<std::string(Ink, std::string_view)> paint;
  std::string folder;  // paths below it are shown relative to it; empty: as they are
};
std::string advice_text(const Advice& advice, const TextStyle& style);
std::string advice_page(const Advice& advice);  // a whole HTML document

// "12 ms and 1.5 calls a request less, about $5.10 a million requests"; empty if nothing is known.
std::string gain_text(const Gain& gain);

// What to know before reading the findings: requests failed, the machine was busy. And what to say when there are none.
std::vector<std::string> run_notes(const RunSummary& run);
std::string nothing_found(const RunSummary& run);

// Puts the lines as they are beside the changes, where `read` gives the file (nullopt: it cannot) and a template is as it was deployed. In
// a handler's file it names the line that makes the call that the rule is about, if there is exactly one.
void add_snippets(Advice& advice, const Recording& recording, const std::function<std::optional<std::string>(const std::string&)>& read);

}  // namespace surgetank::windtunnel
