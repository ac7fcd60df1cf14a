// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What two processes of an officer pass to each other, and what lies in the officer's journal
// and backup.
#include "officer/api.h"
#include "officer/backup.h"
#include "officer/journal.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cercle;
    if (size > 0 && data[0] == 255) {
        const auto head = officer::JournalHead::parse(to_text(BytesView(data, size).subspan(1)));
        if (head) fuzz::must_hold(officer::JournalHead::parse(head->text()).value() == *head);
        return 0;
    }
    fuzz::round_trip_one_of<officer::Command,
                            officer::Event,
                            officer::JournalEntry,
                            officer::SignedEntry,
                            officer::BackupRest,
                            officer::SealedBackup,
                            officer::BackupSecrets>({data, size});
    return 0;
}
