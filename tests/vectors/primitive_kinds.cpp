// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/vectors/primitive_kinds.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "tests/vectors/primitive_entries.h"

namespace cercle::vectors {
namespace {

/// A file that is a list of entries.
struct ListKind {
    std::string_view name;
    std::vector<std::string_view> marks;  // names that only its entries have together
    void (*attempt)(const Json&, Trial&);
};

const std::vector<ListKind>& list_kinds() {
    static const std::vector<ListKind> all{
        {"HPKE", {"kem_id", "kdf_id", "aead_id", "encryptions"}, try_hpke},
        {"X-Wing", {"seed", "eseed", "ss", "pk", "ct"}, try_xwing},
    };
    return all;
}

/// A file that keeps its tests in groups, which say of which kind they are.
struct GroupKind {
    std::string_view mark;
    void (*attempt)(const Grouped&, Trial&);
};

constexpr GroupKind wycheproof_kinds[] = {
    {"AeadTest", try_aead},
    {"MacTest", try_hmac},
    {"HkdfTest", try_hkdf},
    {"XdhComp", try_xdh},
    {"EcdhEcpointTest", try_ecdh},
    {"EcdsaVerify", try_ecdsa},
    {"EddsaVerify", try_eddsa},
    {"MlDsaVerify", try_ml_dsa},
    {"MLKEMKeyGen", try_ml_kem_keys},
    {"MLKEMEncapsTest", try_ml_kem_encapsulation},
    {"MLKEMTest", try_ml_kem_decapsulation},
};

constexpr GroupKind acvp_kinds[] = {
    {"keyGen", try_acvp_key_generation},
    {"encapDecap", try_acvp_encapsulation},
};

bool has_all(const Json& object, std::span<const std::string_view> marks) {
    return std::ranges::all_of(marks, [&](std::string_view mark) { return object.contains(mark); });
}

/// The text under a name; empty where there is none.
std::string text_of(const Json& object, std::string_view name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool has_groups(const Json& file) {
    return file.is_object() && file.contains("testGroups") && file["testGroups"].is_array() &&
           !file["testGroups"].empty();
}

const GroupKind* find(std::span<const GroupKind> kinds, const std::string& mark) {
    const auto found = std::ranges::find(kinds, mark, &GroupKind::mark);
    return found == kinds.end() ? nullptr : &*found;
}

/// `attempt` makes the trial of something; what that lacks is its failure.
template <class Attempt>
void take(Report& report, const std::string& name, const Attempt& attempt) {
    Trial trial;
    try {
        attempt(trial);
    } catch (const std::exception& lacking) {
        trial.expect(false, lacking.what());
    }
    report.take(trial, name);
}

KindReport try_list(const Json& file) {
    if (!file.is_array() || file.empty()) return {};
    for (const ListKind& kind : list_kinds()) {
        if (!has_all(file[0], kind.marks)) continue;
        KindReport all{std::string(kind.name), {}};
        for (const Json& entry : file) {
            take(all.report, "entry " + std::to_string(all.report.entries), [&](Trial& trial) {
                kind.attempt(entry, trial);
            });
        }
        return all;
    }
    return {};
}

/// `kind_of(group)` is null where it is none.
template <class KindOf>
Report try_groups(const Json& file, const KindOf& kind_of) {
    Report report;
    for (const Json& group : file.at("testGroups")) {
        const GroupKind* const kind = kind_of(group);
        if (kind == nullptr || !group.contains("tests") || !group["tests"].is_array()) {
            take(report, "test " + std::to_string(report.entries), [&](Trial& trial) {
                trial.expect(false, "a group without tests, or of a kind that is not known here");
            });
            continue;
        }
        for (const Json& test : group["tests"]) {
            const bool numbered = test.is_object() && test.contains("tcId");
            take(
                report,
                numbered ? "tcId " + test["tcId"].dump() : "test " + std::to_string(report.entries),
                [&](Trial& trial) {
                    kind->attempt({.file = file, .group = group, .test = test}, trial);
                });
        }
    }
    return report;
}

KindReport try_wycheproof(const Json& file) {
    const auto kind_of = [](const Json& group) {
        return find(wycheproof_kinds, text_of(group, "type"));
    };
    if (!has_groups(file) || kind_of(file["testGroups"][0]) == nullptr) return {};
    const std::string type = text_of(file["testGroups"][0], "type");
    return {"Wycheproof " + text_of(file, "algorithm") + " (" + type + ")",
            try_groups(file, kind_of)};
}

bool is_acvp(const Json& file) {
    return has_groups(file) && file.contains("vsId") && text_of(file, "algorithm") == "ML-KEM" &&
           find(acvp_kinds, text_of(file, "mode")) != nullptr;
}

KindReport try_acvp(const Json& file) {
    if (!is_acvp_questions(file)) return {};
    const GroupKind* const kind = find(acvp_kinds, text_of(file, "mode"));
    return {"ACVP ML-KEM (" + text_of(file, "mode") + ")",
            try_groups(file, [kind](const Json&) { return kind; })};
}

}  // namespace

KindReport try_primitives(const Json& file) {
    for (const auto attempt : {try_list, try_wycheproof, try_acvp}) {
        KindReport tried = attempt(file);
        if (!tried.kind.empty()) return tried;
    }
    return {};
}

bool is_acvp_questions(const Json& file) {
    return is_acvp(file) && file["testGroups"][0].contains("parameterSet");
}

bool is_acvp_answers(const Json& file) {
    return is_acvp(file) && !file["testGroups"][0].contains("parameterSet");
}

bool belong_together(const Json& questions, const Json& answers) {
    return std::ranges::all_of(std::array{"vsId", "mode", "revision"}, [&](const char* name) {
        return questions.value(name, Json()) == answers.value(name, Json());
    });
}

Json with_answers(Json questions, const Json& answers) {
    std::map<Json, Json> by_number;
    for (const Json& group : answers.at("testGroups")) {
        if (!group.contains("tests")) continue;
        for (const Json& answer : group["tests"])
            if (answer.contains("tcId")) by_number[answer["tcId"]] = answer;
    }
    for (Json& group : questions.at("testGroups")) {
        if (!group.contains("tests")) continue;
        for (Json& test : group["tests"]) {
            if (!test.contains("tcId")) continue;
            const auto found = by_number.find(test["tcId"]);
            if (found != by_number.end()) test["answer"] = found->second;
        }
    }
    return questions;
}

}  // namespace cercle::vectors
