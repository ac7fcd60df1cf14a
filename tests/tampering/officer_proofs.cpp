// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What the officer signs for himself.

#include <memory>
#include <string>
#include <utility>

#include "codec/tls.h"
#include "officer/backup.h"
#include "officer/journal.h"
#include "tests/must.h"
#include "tests/tampering/both_keys.h"
#include "tests/tampering/proof.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::tampering;

constexpr WallTime now{std::chrono::hours(500'000)};

const Registrations journal_entry{of_both_keys(
    {.name = "the authority's signature over an entry of the journal",
     .labels = {"Cercle 1 journal"},
     .judged_in = {"officer/journal.cpp", "identity/passport.cpp"},
     .refusal = Code::forged},
    []() -> PresentSigned {
        vectors::SeededRandom random(1);
        auto authority =
            std::make_shared<identity::Authority>(must(identity::Authority::found(now, random)));
        officer::JournalEntry entry;
        entry.number = {1};
        entry.act = officer::Act::Found;
        entry.name = "Conseil";
        officer::SignedEntry genuine;
        genuine.entry = codec::encode(entry);
        genuine.signature = authority->sign("Cercle 1 journal", genuine.entry);
        return [authority, genuine](const ChangeOne& change) -> Result<void> {
            const officer::SignedEntry changed{genuine.entry, change(genuine.signature)};
            const auto fault = officer::verify_journal(authority->root(), {changed}, std::nullopt);
            if (fault) return std::unexpected(fault->error);
            return {};
        };
    })};

using Closed = Bytes officer::SealedBackup::*;

Kind part_of_backup(std::string name, Closed closed) {
    return {.name = std::move(name),
            .labels = {"Cercle 1 officer backup"},
            .judged_in = {"officer/backup.cpp"},
            .refusal = Code::backup_locked,
            .prepare = [closed]() -> Present {
                vectors::SeededRandom random(1);
                const auto authority = must(identity::Authority::found(now, random));
                officer::Backup content;
                content.root = authority.root().certificate().der;
                content.root_secret = authority.secret();
                content.officer_key = Secret(32);
                const Secret passphrase = Secret::copy_of(view_of("a passphrase"));
                const Bytes sealed = must(officer::seal_backup(
                    content, passphrase, {.memory_kib = 32, .passes = 1}, random));
                return [closed, genuine = must(codec::decode<officer::SealedBackup>(sealed))](
                           const Change& change) -> Result<void> {
                    officer::SealedBackup changed = genuine;
                    changed.*closed = change(genuine.*closed);
                    TRY_VOID(officer::open_backup(codec::encode(changed),
                                                  Secret::copy_of(view_of("a passphrase"))));
                    return {};
                };
            }};
}

const Registration backup_keys{part_of_backup("the keys in the officer's sealed backup",
                                              &officer::SealedBackup::closed_secrets)};
const Registration backup_rest{
    part_of_backup("the rest of the officer's sealed backup", &officer::SealedBackup::closed_rest)};

}  // namespace
