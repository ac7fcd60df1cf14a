// SPDX-License-Identifier: AGPL-3.0-or-later
#include "protocol/frames.h"
#include "tests/fuzz/seeds.h"

namespace cercle::fuzz {
namespace {

using namespace protocol;

enum Frame : std::uint8_t {
    AGreeting,
    AHello,
    ARequest,
    AFromRelay,
    ASignedBundle,
    ABundle,
    ASignedOrder,
    AnOrder,
    ABlob,
    CardTermsOf,
    ACardLetter
};

SignedBundle sample_signed_bundle() {
    return {codec::encode(sample_bundle()), Bytes(64, 1), Bytes(64, 2)};
}

Blob sample_blob() {
    return {{1'800'000'000'000}, {0xa0, 0x01}};
}

CardTerms sample_terms() {
    return {Tier::Knock, 5, {{0, 60}, {1'440, 2'880}}};
}

std::vector<std::pair<std::string, ResponseBody>> sample_responses() {
    const Entry entry{
        {1}, EntryKind::Application, {3}, {1'800'000'000'000}, to_bytes("payload"), {}};
    std::vector<std::pair<std::string, ResponseBody>> all;
    all.emplace_back("done", Done{});
    all.emplace_back("refused", Refused{Refusal::Stale});
    all.emplace_back("posted", Posted{{{1}, {2}}});
    all.emplace_back("opened", Opened{{1}, {9}});
    all.emplace_back("entries", Entries{{entry, entry}, {2}});
    all.emplace_back("count", Count{24});
    all.emplace_back("package", Package{to_bytes("package")});
    all.emplace_back("step", Step{to_bytes("step"), 1});
    all.emplace_back("no_step", Step{});
    all.emplace_back("blob", sample_blob());
    all.emplace_back("chunk", Chunk{to_bytes("chunk")});
    all.emplace_back("checkpoint", SignedCheckpoint{to_bytes("checkpoint"), Bytes(64, 1)});
    all.emplace_back("proof", Proof{{1}, std::vector<TreeHash>(2)});
    all.emplace_back("guessed_right", Guessed{GuessOutcome::Right, 1, 10, 0, Token(Secret(32))});
    all.emplace_back("guessed_wrong", Guessed{GuessOutcome::Wrong, 2, 8, 15'000, std::nullopt});
    CardRow bare{};
    bare.terms = sample_terms();
    CardRow row{};
    row.terms = sample_terms();
    row.claimant = HolderKey{};
    row.misuse.push_back({Misuse::Foreign, 3, {1'800'000'000'000}, {1'800'000'005'000}});
    all.emplace_back("cards", Cards{{row, bare}, 1});
    all.emplace_back("card_face", CardFace{to_bytes("face")});
    all.emplace_back(
        "incarnation",
        SignedIncarnation{codec::encode(IncarnationStatement{}), Bytes(32, 1), Bytes(64, 1)});
    return all;
}

}  // namespace

Bundle sample_bundle() {
    Bundle bundle{};
    bundle.commit = to_bytes("commit");
    bundle.readers_added.resize(2);
    bundle.readers_dropped.resize(1);
    // Nobody may be named twice.
    bundle.readers_added[0].bytes.fill(1);
    bundle.readers_added[1].bytes.fill(2);
    bundle.welcomes.resize(1);
    return bundle;
}

EntryId entry_id(std::uint8_t filling) {
    EntryId id;
    id.bytes.fill(filling);
    return id;
}

std::vector<std::pair<std::string, RequestBody>> sample_requests() {
    const SignedOrder order{codec::encode(Order{{1}, DropDevice{}}), Bytes(64, 1)};
    std::vector<std::pair<std::string, RequestBody>> all;
    all.emplace_back("claim", Claim{});
    all.emplace_back("order", GiveOrder{order});
    all.emplace_back("create", CreateLog{{}, {}, std::vector<ReaderKey>(2)});
    all.emplace_back("post",
                     Post{{}, {0}, Secret(32), {{{}, to_bytes("payload")}, {entry_id(1), {}}}});
    all.emplace_back("bundle", PostBundle{{}, sample_signed_bundle(), {}});
    all.emplace_back("open", OpenLog{{}, {}, Bytes(64, 1)});
    all.emplace_back("read", Read{{}, {7}});
    all.emplace_back("deposit", Deposit{{}, Secret(32), {{}, to_bytes("letter")}});
    all.emplace_back("put_packages", PutKeyPackages{{}, {to_bytes("one"), to_bytes("two")}});
    all.emplace_back("count_packages", CountKeyPackages{});
    all.emplace_back("take_package", TakeKeyPackage{{}, Secret(32), {}});
    all.emplace_back("put_step", PutStep{{}, Secret(32), 2, to_bytes("step")});
    all.emplace_back("get_step", GetStep{{}, Secret(32), 2});
    all.emplace_back("create_blob", CreateBlob{{}, {}, {}, 3});
    all.emplace_back("put_chunk", PutChunk{{}, Secret(32), {1}, to_bytes("chunk")});
    all.emplace_back("get_chunk", GetChunk{{}, Secret(32), {0}});
    all.emplace_back("acknowledge", Acknowledge{});
    all.emplace_back("create_recorded", CreateRecordedLog{{}, {}, std::vector<ReaderKey>(2)});
    all.emplace_back("checkpoint", GetCheckpoint{});
    all.emplace_back("prove_record", ProveRecord{{}, {1}, {1}});
    all.emplace_back("prove_growth", ProveGrowth{{0}, {1}});
    all.emplace_back("put_share", PutShare{{}, {}, Secret(32)});
    all.emplace_back("drop_share", DropShare{});
    all.emplace_back("guess", Guess{Secret(32), {}, {}});
    all.emplace_back("put_card", PutCard{{}, {}, {}, sample_terms(), to_bytes("face")});
    all.emplace_back("bind_card", BindCard{{}, {}, {}, Bytes(64, 1)});
    all.emplace_back("revoke_card", RevokeCard{});
    all.emplace_back("drop_card", DropCard{});
    all.emplace_back("list_cards", ListCards{});
    all.emplace_back("read_card", ReadCard{{}, Secret(32)});
    all.emplace_back("claim_card", ClaimCard{{}, Secret(32), {{}, to_bytes("claim")}});
    all.emplace_back("use_card", UseCard{{}, Secret(32), {{}, to_bytes("letter")}});
    all.emplace_back("incarnation", GetIncarnation{});
    all.emplace_back("give_back",
                     GiveBack{{}, {{{1}, EntryKind::Application, {}, {1}, to_bytes("entry"), {}}}});
    all.emplace_back("declare_kept", DeclareKept{{}, {1}});
    all.emplace_back("answer_card", AnswerCard{{}, {}, {{}, to_bytes("letter")}});
    all.emplace_back("open_answers", OpenAnswers{{}, Secret(32)});
    all.emplace_back("rotate_inbox", RotateInbox{});
    return all;
}

void add_frames(Seeds& seeds) {
    const auto add = [&seeds](std::string name, Frame frame, const auto& value) {
        seeds.push_back({"frames", std::move(name), numbered(frame, value)});
    };
    add("greeting", AGreeting, Greeting{});
    add("hello_device", AHello, Hello{protocol_version, AsDevice{{}, Bytes(64, 1)}});
    add("hello_newcomer", AHello, Hello{protocol_version, AsNewcomer{}});
    add("hello_holder", AHello, Hello{protocol_version, AsHolder{{}, Bytes(64, 1)}});
    add("hello_officer", AHello, Hello{protocol_version, AsOfficer{{}, Bytes(64, 1)}});
    for (auto& [name, body] : sample_requests()) {
        add("request_" + name, ARequest, Request{{9}, std::move(body)});
    }
    for (auto& [name, body] : sample_responses()) {
        add("response_" + name, AFromRelay, FromRelay{Response{{9}, std::move(body)}});
    }
    add("grew", AFromRelay, FromRelay{Grew{{}, {8}}});
    add("moved", AFromRelay, FromRelay{Moved{}});
    add("signed_bundle", ASignedBundle, sample_signed_bundle());
    add("bundle", ABundle, sample_bundle());
    add("signed_order", ASignedOrder, SignedOrder{to_bytes("order"), Bytes(64, 1)});
    add("admit", AnOrder, Order{{1}, AdmitDevice{}});
    add("drop", AnOrder, Order{{2}, DropDevice{}});
    add("open_exchange", AnOrder, Order{{3}, OpenExchange{{}, {}, {1'800'000'000'000}}});
    add("close_exchange", AnOrder, Order{{4}, CloseExchange{}});
    add("rearm", AnOrder, Order{{5}, RearmShares{}});
    add("blob", ABlob, sample_blob());
    add("card_terms", CardTermsOf, sample_terms());
    add("card_letter", ACardLetter, CardLetter{{}, CardUse::Letter, Tier::Ring, {}, Bytes(9)});
    Bytes anchor = to_bytes("Cercle anchor");
    anchor.resize(14 + 2 + 16 + 8);
    anchor.at(15) = 1;  // its version
    seeds.push_back({"anchor", "anchor", std::move(anchor)});
}

}  // namespace cercle::fuzz
