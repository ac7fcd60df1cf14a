// SPDX-License-Identifier: AGPL-3.0-or-later
//
// An enrolment between one who holds the invitation and wants to break the other end, and that
// other end: any bytes, closed rightly, as each of the five steps. The first byte says which, and
// what surrounds them.
#include "tests/fuzz/round_trip.h"
#include "tests/stage/meeting.h"

namespace {

using namespace cercle;
using stage::Meeting;

/// The authority's own signature around any page: what a newcomer or a member then makes of it.
void page(Meeting& meeting, BytesView bytes) {
    codec::Writer signed_page;
    signed_page.opaque(bytes);
    codec::write(signed_page, meeting.authority.sign("Cercle 1 directory page", bytes));
    const auto opened =
        identity::open_page(signed_page.bytes(), meeting.authority.root(), Meeting::now);
    // One page has one form.
    if (opened) fuzz::must_hold(codec::encode(*opened) == to_bytes(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Meeting meeting;
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    switch (const std::uint8_t which = data[0]) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4:
            static_cast<void>(meeting.show(which, meeting.closed(which, bytes)).has_value());
            break;
        case 12:
        case 13:
        case 14:
            static_cast<void>(
                meeting.show(which - 10U, meeting.closed_hybrid(which - 10U, bytes)).has_value());
            break;
        case 20:
            page(meeting, bytes);
            break;
        // Steps that are answered twice.
        case 30:
            static_cast<void>(
                meeting.officer.step3(meeting.closed(0, bytes), meeting.answer(), meeting.random));
            break;
        case 31:
            static_cast<void>(meeting.newcomer.step4(meeting.closed(1, bytes), {}, meeting.random));
            break;
        default:
            break;
    }
    return 0;
}
