// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The small files of a relay that an operator carries about: the list of a backup, and what a
// restore has signed. The first byte says which.
#include "relay/backup_list.h"
#include "relay/incarnation.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace cercle;

void backup_list(BytesView bytes) {
    const std::string text = to_text(bytes);
    const auto list = relay::BackupList::parse(text);
    if (!list) return;
    // A list that is read is the only way to say what it says, and names no other place.
    fuzz::must_hold(list->text() == text);
    for (const auto& file : list->files)
        fuzz::must_hold(file.name.find('/') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    if (data[0] == 2) backup_list(BytesView(data, size).subspan(1));
    fuzz::round_trip_one_of<relay::SignedIncarnation, relay::IncarnationStatement>({data, size});
    return 0;
}
