// SPDX-License-Identifier: AGPL-3.0-or-later
//
// mls_vectors FILE...: tries files of test vectors of MLS and of its primitives, recognising the
// kind of each by its content, and says of each how many entries passed of how many, in one line;
// what failed follows, a line each. A worse status covers a better one, in the order of `Outcome`.
#include <algorithm>
#include <iostream>
#include <vector>

#include "tests/vectors/mls_kinds.h"
#include "tests/vectors/primitive_kinds.h"

namespace {

using cercle::vectors::Json;
using cercle::vectors::KindReport;

/// From the worst to the best; the values are what the program ends with.
enum class Outcome { Failed = 1, NotTried = 2, NotCovered = 3, Passed = 0 };

constexpr const char* usage = R"(usage: mls_vectors FILE...
tries files of test vectors (JSON, gzipped or not), whose kind it sees by their content: the MLS
working group's, HPKE's, X-Wing's, Wycheproof's, and NIST's of ML-KEM (questions and answers, both
files). It says of each how many entries passed, and ends with
  0  every entry of every file passed
  1  an entry failed
  2  none failed, but a file was not tried: it cannot be read, or is not JSON, or of no known kind
  3  what was tried passed, but some entries ask for what is not covered, such as a cipher suite
     without a row; the line of their file says what
)";

struct File {
    std::string name;
    Json json;        // discarded, if it was not read
    std::string why;  // it was not
};

File read_file(const std::string& name) {
    const auto text = cercle::vectors::contents(name);
    if (!text) return {name, Json::value_t::discarded, "it cannot be read"};
    if (text->empty()) return {name, Json::value_t::discarded, "it is empty"};
    return {name, Json::parse(*text, nullptr, false), "it is not JSON"};
}

/// The other half of what came in two files; null if it is not among `files`.
template <class Fits>
const File* partner(const std::vector<File>& files, const Fits& fits) {
    const auto found = std::ranges::find_if(
        files, [&](const File& file) { return !file.json.is_discarded() && fits(file.json); });
    return found == files.end() ? nullptr : &*found;
}

Outcome refuse(const File& file, std::string_view why) {
    std::cout << file.name << ": not tried: " << why << '\n';
    return Outcome::NotTried;
}

Outcome tell(const File& file, const KindReport& tried) {
    if (tried.kind.empty()) return refuse(file, "it is of no kind of vector that is known here");
    const auto& [kind, report] = tried;
    std::cout << file.name << ": " << kind << ": " << report.line() << '\n';
    for (const std::string& failure : report.failures)
        std::cout << "    " << failure << '\n';
    if (!report.failures.empty()) return Outcome::Failed;
    if (report.entries == 0) return refuse(file, "it has no entries");
    return report.not_covered.empty() ? Outcome::Passed : Outcome::NotCovered;
}

Outcome try_file(const File& file, const std::vector<File>& all) {
    using namespace cercle::vectors;
    if (file.json.is_discarded()) return refuse(file, file.why);
    if (is_acvp_questions(file.json)) {
        const File* const answers = partner(all, [&](const Json& other) {
            return is_acvp_answers(other) && belong_together(file.json, other);
        });
        if (answers == nullptr) return refuse(file, "the file with its answers is not among them");
        return tell(file, try_primitives(with_answers(file.json, answers->json)));
    }
    if (is_acvp_answers(file.json)) {
        const File* const questions = partner(all, [&](const Json& other) {
            return is_acvp_questions(other) && belong_together(other, file.json);
        });
        if (questions == nullptr) {
            return refuse(file, "the file with its questions is not among them");
        }
        std::cout << file.name << ": answers to " << questions->name << '\n';
        return Outcome::Passed;
    }
    KindReport tried = try_primitives(file.json);
    if (tried.kind.empty()) tried = try_mls(file.json);
    return tell(file, tried);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> names(argv + 1, argv + argc);
    if (names.empty() || names.front() == "--help") {
        (names.empty() ? std::cerr : std::cout) << usage;
        return names.empty() ? static_cast<int>(Outcome::NotTried) : 0;
    }
    std::vector<File> files;
    std::ranges::transform(names, std::back_inserter(files), read_file);
    std::vector<Outcome> outcomes;
    for (const File& file : files)
        outcomes.push_back(try_file(file, files));
    for (const Outcome worst : {Outcome::Failed, Outcome::NotTried, Outcome::NotCovered}) {
        if (std::ranges::contains(outcomes, worst)) return static_cast<int>(worst);
    }
    return static_cast<int>(Outcome::Passed);
}
