// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The one test of all signatures, tags, MACs and tokens, and the laws that none is left out.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tests/tampering/proof.h"

namespace {

using namespace cercle;
using namespace cercle::tampering;

const std::filesystem::path tree = CERCLE_SOURCE_DIR;

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream content;
    content << file.rdbuf();
    return content.str();
}

Bytes unchanged(BytesView proof) {
    return to_bytes(proof);
}

Change cut_to(std::size_t size) {
    return [size](BytesView proof) { return to_bytes(proof.first(size)); };
}

Change flipped(std::size_t bit) {
    return [bit](BytesView proof) {
        Bytes changed = to_bytes(proof);
        changed.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
        return changed;
    };
}

Change blank_from(std::size_t first) {
    return [first](BytesView proof) {
        Bytes changed = to_bytes(proof);
        std::fill(changed.begin() + static_cast<std::ptrdiff_t>(first), changed.end(), 0);
        return changed;
    };
}

Bytes lengthened(BytesView proof) {
    Bytes changed = to_bytes(proof);
    changed.push_back(0);
    return changed;
}

bool refused(const Present& present, const Change& change) {
    return !present(change).has_value();
}

bool refused_as(Code expected, const Present& present, const Change& change) {
    const auto outcome = present(change);
    if (outcome.has_value()) return false;
    if (outcome.error().code != expected)
        UNSCOPED_INFO("refused as " << rule_name(outcome.error().code));
    return outcome.error().code == expected;
}

std::set<std::string> registered_labels() {
    std::set<std::string> labels;
    for (const Kind& kind : kinds())
        labels.insert(kind.labels.begin(), kind.labels.end());
    return labels;
}

/// Calls `visit` for every source of the product.
template <class Visit>
void each_source(const Visit& visit) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(tree / "src")) {
        const std::string name = entry.path().filename().string();
        if (!name.ends_with(".cpp") || name.ends_with("_test.cpp") ||
            name.ends_with("_bench.cpp")) {
            continue;
        }
        visit(std::filesystem::relative(entry.path(), tree / "src").string(),
              content_of(entry.path()));
    }
}

}  // namespace

TEST_CASE("a proof is taken as it is, and never cut, lengthened, blank or with a bit flipped") {
    REQUIRE(kinds().size() > 40);
    for (const Kind& kind : kinds()) {
        DYNAMIC_SECTION(kind.name) {
            const Present present = kind.prepare();
            std::size_t size = 0;
            REQUIRE(present([&size](BytesView proof) {
                        size = proof.size();
                        return unchanged(proof);
                    }).has_value());
            REQUIRE(size > 0);
            for (std::size_t less = 0; less < size; ++less) {
                if (!refused(present, cut_to(less))) FAIL_CHECK("taken when cut to " << less);
            }
            CHECK(refused(present, lengthened));
            for (std::size_t bit = 0; bit < size * 8; bit += kind.every) {
                if (!refused_as(kind.refusal, present, flipped(bit))) FAIL_CHECK("bit " << bit);
            }
            // Nothing but zeros; and, of what ends in a tag, zeros for the tag.
            CHECK(refused_as(kind.refusal, present, blank_from(0)));
            CHECK(refused_as(
                kind.refusal, present, blank_from(size - std::min(size, std::size_t{16}))));
            // And none of it has made the judge refuse whatever it is shown.
            CHECK(present(unchanged).has_value());
        }
    }
}

TEST_CASE(
    "every label of a signature, an AEAD or a key of HPKE has a proof that is tampered with") {
    const std::set<std::string> registered = registered_labels();
    const std::string registry = content_of(tree / "docs/spec/labels.md");
    const std::regex row(R"(\n\| `(Cercle[^`]*)`(?: to `(\d)`)? *\| ([^|]*) \|)");
    std::set<std::string> wanted;
    for (auto at = std::sregex_iterator(registry.begin(), registry.end(), row);
         at != std::sregex_iterator();
         ++at) {
        const std::string label = (*at)[1];
        const std::string what = (*at)[3];
        if (!std::regex_search(what, std::regex("signature|AEAD|HPKE|MAC"))) continue;
        wanted.insert(label);
        // "... step 0` to `4`" stands for one label a step.
        if (!(*at)[2].matched) continue;
        for (char last = label.back(); last <= (*at)[2].str().front(); ++last) {
            wanted.insert(label.substr(0, label.size() - 1) + last);
        }
    }
    CHECK(wanted.size() >= 16);
    for (const std::string& label : wanted) {
        INFO(label);
        CHECK(registered.contains(label));
    }
}

TEST_CASE("every label under which MLS signs has a proof that is tampered with") {
    const std::set<std::string> registered = registered_labels();
    const std::regex label(R"re("(\w+TBS)")re");
    std::set<std::string> found;
    each_source([&](const std::string& path, const std::string& source) {
        if (!path.starts_with("mls/")) return;
        for (auto at = std::sregex_iterator(source.begin(), source.end(), label);
             at != std::sregex_iterator();
             ++at) {
            found.insert((*at)[1]);
        }
    });
    CHECK(found.size() == 4);
    for (const std::string& text : found) {
        INFO(text);
        CHECK(registered.contains(text));
    }
}

TEST_CASE(
    "every source that judges a signature, a tag, a MAC or a token has a proof that says so") {
    std::set<std::string> named;
    for (const Kind& kind : kinds())
        named.insert(kind.judged_in.begin(), kind.judged_in.end());
    // What compares in constant time there is no proof: PEM's frame lines; what the functions are.
    named.insert({"net/server_identity.cpp", "base/bytes.cpp"});
    const std::regex judging(
        R"(aead_decrypt|hpke_decrypt|decrypt_with_label|verify_with_label|equal_in_constant_time|)"
        R"(EVP_DigestVerify\(|(access|crypto)::(verify|matches)\()");
    std::set<std::string> found;
    each_source([&](const std::string& path, const std::string& source) {
        if (std::regex_search(source, judging)) found.insert(path);
    });
    CHECK(found.size() > 20);
    for (const std::string& path : found) {
        INFO(path);
        CHECK(named.contains(path));
    }
    for (const std::string& path : named) {
        INFO(path);
        CHECK(std::filesystem::exists(tree / "src" / path));
    }
}
