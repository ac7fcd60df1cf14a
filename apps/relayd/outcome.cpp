// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/outcome.h"

#include <cstdio>
#include <format>

namespace cercle::relayd {
namespace {

std::string_view advice_on(Code code) {
    switch (code) {
        case Code::permissions:
            return "Make it yours alone: chmod 700 the directory, chmod 600 the files in it. If "
                   "others could read them, make new ones.";
        case Code::busy:
            return "Another cercle-relay is using this directory; stop it first.";
        case Code::disk_full:
            return "Nothing was lost; make room and start again.";
        case Code::store_corrupt:
            return "Keep the directory as it is, and restore the last good copy elsewhere.";
        case Code::locked_memory:
            return "Raise the limit, for example: ulimit -l 8192";
        default:
            return "";
    }
}

}  // namespace

Exit exit_of(Code code) {
    switch (code) {
        case Code::busy:
            return Exit::Busy;
        case Code::disk_fault:
        case Code::disk_full:
        case Code::store_corrupt:
        case Code::wrong_key:
        case Code::library_fault:
        case Code::locked_memory:
            return Exit::Store;
        case Code::invalid_argument:
            return Exit::Usage;
        case Code::unreachable_peer:
            return Exit::Unreachable;
        default:
            return Exit::Refused;
    }
}

Exit report(const Error& error, std::string_view what_for) {
    const std::string_view advice = advice_on(error.code);
    const std::string sentence = std::format("cercle-relay: {}: {} ({}).{}{}\n",
                                             what_for,
                                             error.reason.text,
                                             rule_name(error.code),
                                             advice.empty() ? "" : " ",
                                             advice);
    std::fputs(sentence.c_str(), stderr);
    return exit_of(error.code);
}

void report_answer(std::string_view sentence, std::string_view rule, std::string_view what_for) {
    const std::string line = std::format("cercle-relay: {}: {} ({}).\n", what_for, sentence, rule);
    std::fputs(line.c_str(), stderr);
}

void print_line(std::string_view json) {
    std::fwrite(json.data(), 1, json.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

}  // namespace cercle::relayd
