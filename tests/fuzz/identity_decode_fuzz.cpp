// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Structs of invitations, enrolments and the directory; what both ends of an enrolment keep;
// pictures.
#include "identity/card_answering.h"
#include "identity/card_face.h"
#include "identity/circle_policy.h"
#include "identity/circle_status.h"
#include "identity/enrolment_steps.h"
#include "identity/invitation_body.h"
#include "identity/office.h"
#include "identity/picture.h"
#include "identity/relay_word.h"
#include "identity/root_signature.h"
#include "identity/signed_page.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cercle;
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    switch (data[0]) {
        case 253:
            if (const auto shape = identity::judge_picture(bytes)) {
                fuzz::must_hold(bytes.size() <= identity::longest_picture && shape->width > 0 &&
                                shape->height > 0 && shape->width <= identity::widest_picture &&
                                shape->height <= identity::widest_picture);
            }
            break;
        case 254:
            if (const auto newcomer = identity::Newcomer::load(bytes)) {
                fuzz::must_hold(newcomer->save() == Secret::copy_of(bytes));
            }
            break;
        case 255:
            if (const auto admitter = identity::Admitter::load(bytes)) {
                fuzz::must_hold(admitter->save() == Secret::copy_of(bytes));
            }
            break;
        default:
            fuzz::round_trip_one_of<identity::InvitationBody,
                                    identity::SignedPage,
                                    identity::DirectoryPage,
                                    identity::EnrolmentRequest,
                                    identity::EnrolmentAnswer,
                                    identity::Hybrid,
                                    identity::Step0,
                                    identity::Step1,
                                    identity::Step2,
                                    identity::SavedNewcomer,
                                    identity::SavedAdmitter,
                                    identity::RelayWord,
                                    identity::SignedRelayWord,
                                    identity::Revocation,
                                    identity::SignedRevocation,
                                    identity::RevocationReport,
                                    identity::SignedReport,
                                    identity::Face,
                                    identity::SignedFace,
                                    identity::CirclePolicy,
                                    identity::SignedPolicy,
                                    identity::InboxAnnouncement,
                                    identity::CircleStatus,
                                    identity::OfficeWord,
                                    identity::SignedOffice,
                                    identity::Account,
                                    identity::AccountPart,
                                    identity::SignedAccountPart,
                                    identity::RootSignature,
                                    identity::Answering,
                                    identity::SignedAnswering,
                                    identity::AnsweredFace>({data, size});
            break;
    }
    return 0;
}
