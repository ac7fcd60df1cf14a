// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/base32.h"
#include "identity/card_answering.h"
#include "identity/circle_status.h"
#include "identity/invitation.h"
#include "identity/office.h"
#include "identity/relay_word.h"
#include "net/server_identity.h"
#include "tests/fuzz/seeds.h"
#include "tests/stage/faces.h"
#include "tests/stage/meeting.h"

namespace cercle::fuzz {
namespace {

using stage::Meeting;

// The structs of identity_decode_fuzz.cpp, by their numbers there.
enum Struct : std::uint8_t {
    AnInvitation,
    ASignedPage,
    APage,
    ARequest,
    AnAnswer,
    AHybrid,
    AStep0,
    AStep1,
    AStep2,
    ASavedNewcomer,
    ASavedAdmitter,
    ARelayWord,
    ASignedRelayWord,
    ARevocation,
    ASignedRevocation,
    AReport,
    ASignedReport,
    AFace,
    ASignedFace,
    ACirclePolicy,
    ASignedPolicy,
    AnAnnouncement,
    AStatus,
    AnOfficeWord,
    ASignedOffice,
    AnAccount,
    AnAccountPart,
    ASignedAccountPart,
    ARootSignature,
    AnAnswering,
    ASignedAnswering,
    AnAnsweredFace,
    ToJudgePicture = 253,
    ToLoadNewcomer = 254,
    ToLoadAdmitter = 255
};

std::string invitation_text() {
    identity::Invitation invitation;
    invitation.relay = "relay.example:7443";
    invitation.secret = Secret(identity::invitation_secret_size);
    invitation.expires = Meeting::now;
    return invitation.to_text();
}

Bytes invitation_body() {
    const auto all = identity::from_base32(invitation_text().substr(7));
    must(all.has_value());
    return to_bytes(BytesView(*all).first(all->size() - 4));
}

/// Step 2 as it stands inside its HPKE message.
Bytes plain_step2(const Meeting& meeting) {
    codec::Writer step;
    codec::write(step, meeting.request());
    step.opaque(Bytes(32, 1));
    step.opaque(Bytes(64, 2));
    return std::move(step).take();
}

void add_offices(Seeds& seeds, Meeting& meeting) {
    const auto add = [&seeds](std::string name, Struct which, const auto& value) {
        seeds.push_back({"identity_decode", std::move(name), numbered(which, value)});
    };
    identity::OfficeWord word;
    word.number = {7};
    word.certificate = Bytes(300, 1);
    word.inbox_secret = Secret(32);
    word.answer_key = Bytes(1216, 2);
    add("office_word", AnOfficeWord, word);
    add("signed_office", ASignedOffice, identity::sign_office(word, meeting.authority).reveal());
    identity::Account account;
    account.office = {7};
    account.inbox_secret = Secret(32);
    account.turn = {2};
    account.pages.push_back(
        to_bytes(identity::sign_page(meeting.page(), meeting.authority).reveal()));
    account.leaves.emplace_back();
    add("account", AnAccount, account);
    identity::AccountPart part;
    part.office = {7};
    part.certificate = Bytes(300, 1);
    part.bytes = Bytes(40, 3);
    add("account_part", AnAccountPart, part);
    add("signed_account_part",
        ASignedAccountPart,
        identity::SignedAccountPart{codec::encode(part), Bytes(64, 4)});
}

void add_structs(Seeds& seeds, Meeting& meeting) {
    const auto add = [&seeds](std::string name, Struct which, const auto& value) {
        seeds.push_back({"identity_decode", std::move(name), numbered(which, value)});
    };
    add("invitation", AnInvitation, invitation_body());
    const auto page = meeting.page();
    add("signed_page", ASignedPage, identity::sign_page(page, meeting.authority).reveal());
    add("page", APage, page);
    add("relay_word", ARelayWord, identity::RelayWord{1, {}, {7}});
    add("signed_relay_word",
        ASignedRelayWord,
        must(codec::decode<identity::SignedRelayWord>(
            identity::sign_relay_word({1, {}, {7}}, meeting.authority))));
    const identity::Revocation lost{
        1, {1}, meeting.passport.device, meeting.passport.member, {1'800'000'000'000}};
    auto revoking = meeting.page();
    revoking.revocations.push_back(lost);
    add("page_with_revocation", APage, revoking);
    auto turned = meeting.page();
    turned.turns.push_back({turned.devices.front().device, {3}});
    add("page_with_turn", APage, turned);
    const Bytes likeness = stage::jpeg(128, 96);
    auto pictured = meeting.page();
    pictured.members.front().portrait = likeness;
    pictured.members.push_back({{}, "Max", ""});
    pictured.members.back().portrait = crypto::sha256(likeness);
    add("page_with_pictures", APage, pictured);
    Bytes canvas = stage::vp8x(0x10, 128, 96);
    stage::add(canvas, stage::vp8(128, 96));
    add("jpeg", ToJudgePicture, likeness);
    add("png", ToJudgePicture, stage::png(128, 96));
    add("webp", ToJudgePicture, stage::webp(canvas));
    identity::InboxAnnouncement announcement;
    announcement.turn = {3};
    announcement.secret = Secret(32);
    add("announcement", AnAnnouncement, announcement);
    add("status", AStatus, identity::CircleStatus{1, {1'800'000'000'000}, {2}, {5}});
    add("revocation", ARevocation, lost);
    add("root_signature", ARootSignature, meeting.authority.sign("a label", view_of("a word")));
    add("signed_revocation", ASignedRevocation, identity::sign_revocation(lost, meeting.authority));
    const identity::CirclePolicy policy{
        1, {2}, {1'800'000'000'000}, {{"cards", "minister"}, {"some.later.rule", "x"}}};
    auto ruling = meeting.page();
    ruling.policy = identity::sign_policy(policy, meeting.authority);
    add("page_with_policy", APage, ruling);
    add("circle_policy", ACirclePolicy, policy);
    add("signed_policy", ASignedPolicy, *ruling.policy);
    const identity::RevocationReport report{1, meeting.passport.device, 1, {1}, 2, 3};
    add("report", AReport, report);
    add("signed_report", ASignedReport, identity::sign_report(report, meeting.key));
    add("request", ARequest, meeting.request());
    add("answer", AnAnswer, meeting.answer());
    add("hybrid", AHybrid, meeting.opened(4));
    add("step0", AStep0, meeting.opened(0));
    add("step1", AStep1, meeting.opened(1));
    add("step2", AStep2, plain_step2(meeting));
    add("newcomer", ASavedNewcomer, meeting.newcomer.save().reveal());
    add("admitter", ASavedAdmitter, meeting.officer.save().reveal());
    const identity::Face face{1, {}, 3, Bytes(1216, 7)};
    add("face", AFace, face);
    codec::Writer signed_face;
    signed_face.opaque(codec::encode(face));
    signed_face.opaque(Bytes(64, 2));
    add("signed_face", ASignedFace, signed_face.bytes());
    add_offices(seeds, meeting);
    const identity::Answering answering{identity::answering_version, {}, {}, {}};
    const identity::SignedAnswering word{codec::encode(answering), Bytes(64, 2)};
    add("answering", AnAnswering, answering);
    add("signed_answering", ASignedAnswering, word);
    add("answered_face",
        AnAnsweredFace,
        identity::AnsweredFace{identity::answered_face_version, {}, 3, Bytes(1216, 7), word});
    add("load_newcomer", ToLoadNewcomer, meeting.newcomer.save().reveal());
    add("load_admitter", ToLoadAdmitter, meeting.officer.save().reveal());
}

void add_enrolment(Seeds& seeds, Meeting& meeting) {
    const auto add = [&seeds](std::string name, std::uint8_t which, const auto& value) {
        seeds.push_back({"enrolment", std::move(name), numbered(which, value)});
    };
    for (std::uint8_t step = 0; step < 5; ++step) {
        // Step 3 is long, and its inside stands below.
        if (step != 3) add("step" + std::to_string(step), step, meeting.opened(step));
    }
    add("inside_step2", 12, plain_step2(meeting));
    add("inside_step3", 13, meeting.answer());
    add("inside_step4", 14, view_of("key package"));
    add("page", 20, meeting.page());
    add("again0", 30, meeting.opened(0));
    add("again1", 31, meeting.opened(1));
}

std::string card_text() {
    identity::CardCode card;
    card.relay = "relay.example:7443";
    card.secret = Secret(identity::card_secret_size);
    card.expires = Meeting::now;
    return card.to_text();
}

void add_texts(Seeds& seeds) {
    const auto add = [&seeds](std::string name, std::uint8_t which, BytesView text) {
        seeds.push_back({"text", std::move(name), numbered(which, text)});
    };
    add("name", 0, view_of("Bertrand Öztürk"));
    add("deceiving_name", 0, view_of("a\u202eb"));
    add("hex", 1, view_of("00ff0a"));
    add("base32", 1, view_of("MFRGGZDF"));
    add("address", 2, view_of("relay.example:7443"));
    add("v6", 2, view_of("[2001:db8::1]:7443"));
    add("invitation", 3, view_of(invitation_text()));
    add("words", 5, view_of("Acorn-BEAVER, cedar\n"));
    add("card", 3, view_of(card_text()));
    add("introduction", 0, view_of("Bonjour,\nc’est Zoé"));
    add("invitation_body", 4, invitation_body());
}

}  // namespace

void add_identity(Seeds& seeds) {
    Meeting meeting;
    add_structs(seeds, meeting);
    add_enrolment(seeds, meeting);
    add_texts(seeds);
    seeds.push_back({"server_identity",
                     "key",
                     to_bytes(net::ServerIdentity::generate(meeting.random).save().reveal())});
}

}  // namespace cercle::fuzz
