// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/vectors/mls_kinds.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "tests/vectors/mls_entries.h"

namespace cercle::vectors {
namespace {

using TryPlain = void (*)(const Json&, Trial&);
using TryInSuite = void (*)(const mls::Suite&, const Json&, Trial&);

struct Kind {
    std::string_view name;
    std::vector<std::string_view> marks;  // names that only its entries have together
    TryPlain plain = nullptr;
    TryInSuite in_suite = nullptr;
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all{
        {"tree-math", {"n_leaves", "sibling"}, try_tree_math, nullptr},
        {"deserialization", {"vlbytes_header"}, try_deserialization, nullptr},
        {"messages", {"mls_welcome", "private_message"}, try_messages, nullptr},
        {"crypto-basics", {"ref_hash", "sign_with_label"}, nullptr, try_crypto_basics},
        {"secret-tree", {"sender_data", "leaves"}, nullptr, try_secret_tree},
        {"message-protection", {"proposal_priv", "commit_pub"}, nullptr, try_message_protection},
        {"key-schedule", {"initial_init_secret"}, nullptr, try_key_schedule},
        {"psk_secret", {"psks", "psk_secret"}, nullptr, try_psk_secret},
        {"transcript-hashes", {"interim_transcript_hash_before"}, nullptr, try_transcript_hashes},
        {"welcome", {"welcome", "signer_pub"}, nullptr, try_welcome},
        {"tree-operations", {"tree_before", "proposal_sender"}, nullptr, try_tree_operations},
        {"tree-validation", {"resolutions", "tree_hashes"}, nullptr, try_tree_validation},
        {"treekem", {"update_paths", "leaves_private"}, nullptr, try_treekem},
        {"passive-client", {"external_psks", "epochs"}, nullptr, try_passive_client},
    };
    return all;
}

const Kind* recognise(const Json& entry) {
    const auto found = std::ranges::find_if(kinds(), [&](const Kind& kind) {
        return std::ranges::all_of(kind.marks,
                                   [&](std::string_view mark) { return entry.contains(mark); });
    });
    return found == kinds().end() ? nullptr : &*found;
}

void try_one(const Kind& kind, const Json& entry, Trial& trial) {
    if (kind.plain != nullptr) return kind.plain(entry, trial);
    const auto id = entry.at("cipher_suite").get<std::uint64_t>();
    trial.of_suite(id);
    const auto suite = mls::find_suite(static_cast<mls::SuiteId>(id));
    if (id > 0xffff || !suite) {
        return trial.not_covered("no row for suite " + std::to_string(id));
    }
    kind.in_suite(**suite, entry, trial);
}

}  // namespace

KindReport try_mls(const Json& file) {
    if (!file.is_array() || file.empty() || !file[0].is_object()) return {};
    const Kind* const kind = recognise(file[0]);
    if (kind == nullptr) return {};
    KindReport all{std::string(kind->name), {}};
    for (const Json& entry : file) {
        Trial trial;
        try {
            if (trial.expect(recognise(entry) == kind, "not of the first entry's kind")) {
                try_one(*kind, entry, trial);
            }
        } catch (const std::exception& lacking) {
            trial.expect(false, lacking.what());
        }
        all.report.take(trial, "entry " + std::to_string(all.report.entries));
    }
    return all;
}

}  // namespace cercle::vectors
