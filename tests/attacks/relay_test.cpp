// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a relay that has turned against its circle cannot do to what is in its logs: each attack by
// name, with what the victim sees of it.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "access/label.h"
#include "client/judge.h"
#include "codec/tls.h"
#include "envelope/epoch_rights.h"
#include "envelope/seen.h"
#include "mls/framing.h"
#include "tests/attacks/fake_log.h"

namespace {

using namespace cercle;
using attacks::FakeLog;
using town::Town;
using Texts = std::vector<std::string>;

/// A circle with a group of everybody in it.
struct Scene {
    explicit Scene(const std::vector<std::string>& names = {"alice", "bertrand"})
        : town(Town::with(names)) {
        const std::vector<std::string> others(names.begin() + 1, names.end());
        REQUIRE(town->play(names.front(), client::CreateGroup{"cellule", others}).done());
        for (const std::string& name : others)
            REQUIRE(town->play(name, client::Sync{0}).done());
        log = conversation("alice")->row.log;
    }

    void say(const std::string& home, const std::string& text) {
        REQUIRE(town->send(home, "cellule", text).done());
    }

    [[nodiscard]] client::Conversation* conversation(const std::string& home) {
        client::Core& core = *town->core(home);
        const auto row = core.conversations.group("cellule");
        REQUIRE(row.has_value());
        return core.conversations.load(row->log).value();
    }

    /// Nothing said now reaches this home.
    void keep_away(const std::string& home) { town->close(home); }

    [[nodiscard]] Texts read(const std::string& home) { return town->read(home, "cellule"); }

    /// The rules by which something was found wrong in what a home has read.
    [[nodiscard]] Texts gaps(const std::string& home) {
        Texts rules;
        const auto played = town->play(home, client::Read{"cellule", 0, 0, client::Follow::No});
        for (const auto& event : played.events) {
            if (const auto* gap = std::get_if<client::Gap>(&event)) rules.push_back(gap->reason);
        }
        return rules;
    }

    [[nodiscard]] std::size_t members(const std::string& home) {
        return conversation(home)->group.roster().size();
    }

    /// Where an application entry stands among the log's.
    [[nodiscard]] static std::size_t nth_message(const FakeLog& fake, std::size_t nth) {
        for (std::size_t at = 0; at < fake.entries.size(); ++at) {
            if (fake.entries[at].kind == protocol::EntryKind::Application && nth-- == 0) return at;
        }
        FAIL("the log has fewer messages");
        return 0;
    }

    std::unique_ptr<Town> town;
    protocol::LogId log;
};

using Difference = std::vector<protocol::Entry>::difference_type;

}  // namespace

TEST_CASE("replay: an entry shown a second time is not heard a second time") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    scene.say("alice", "deux");
    FakeLog fake(*scene.town, scene.log);
    fake.entries.push_back(fake.entries.at(Scene::nth_message(fake, 0)));
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un", "deux"});
    CHECK(scene.gaps("bertrand") == Texts{"mls-already-received"});
}

TEST_CASE("reorder: messages in another order than their author's show it") {
    Scene scene;
    scene.say("alice", "zéro");
    REQUIRE(scene.read("bertrand") == Texts{"zéro"});
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    scene.say("alice", "deux");
    FakeLog fake(*scene.town, scene.log);
    const std::size_t second = Scene::nth_message(fake, 1);
    std::swap(fake.entries.at(second), fake.entries.at(second + 1));
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"zéro", "deux", "un"});
    const Texts gaps = scene.gaps("bertrand");
    CHECK(std::ranges::contains(gaps, "message-withheld"));
    CHECK(std::ranges::contains(gaps, "counter-repeated"));
}

TEST_CASE("withholding: a message left out shows as soon as a later one arrives") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    scene.say("alice", "deux");
    scene.say("alice", "trois");
    FakeLog fake(*scene.town, scene.log);
    fake.entries.erase(fake.entries.begin() + static_cast<Difference>(Scene::nth_message(fake, 1)));
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un", "trois"});
    const Texts gaps = scene.gaps("bertrand");
    CHECK(std::ranges::contains(gaps, "message-withheld"));
}

TEST_CASE("withholding: who is kept from one member's messages learns it from another's") {
    Scene scene({"alice", "bertrand", "chloe"});
    scene.keep_away("chloe");
    scene.say("alice", "un");
    scene.say("bertrand", "deux");
    FakeLog fake(*scene.town, scene.log);
    // All of Alice's is left out, so that no counter skips.
    fake.entries.erase(fake.entries.begin() + static_cast<Difference>(Scene::nth_message(fake, 0)));
    fake.show_to({"chloe"});
    CHECK(scene.read("chloe") == Texts{"deux"});
    CHECK(scene.gaps("chloe") == Texts{"log-forked"});
}

TEST_CASE("fork: two members who are shown different logs learn it from each other") {
    Scene scene({"alice", "bertrand", "chloe"});
    scene.keep_away("chloe");
    scene.say("alice", "pour tous");
    // Chloe is shown something else in its place, of the same author: an older message.
    FakeLog fake(*scene.town, scene.log);
    const std::size_t at = Scene::nth_message(fake, 0);
    fake.entries.at(at).stamp = {1};
    fake.show_to({"chloe"});
    CHECK(scene.read("chloe") == Texts{"pour tous"});
    scene.town->its_operator().be_honest();
    scene.town->close("chloe");
    scene.say("bertrand", "réponse");
    FakeLog later(*scene.town, scene.log);
    later.entries.at(at).stamp = {1};
    later.show_to({"chloe"});
    CHECK(scene.read("chloe") == Texts{"pour tous", "réponse"});
    CHECK(scene.gaps("chloe") == Texts{"log-forked"});
}

TEST_CASE("swap: an entry of one log is none in another") {
    Scene scene;
    REQUIRE(scene.town->send("alice", "bertrand", "direct").done());
    REQUIRE(scene.town->play("bertrand", client::Sync{0}).done());
    scene.keep_away("bertrand");
    const auto direct = scene.town->send("alice", "bertrand", "entre nous");
    const auto other = protocol::LogId::from_hex(direct.first<client::Sent>().conversation);
    scene.say("alice", "à tous");
    FakeLog from(*scene.town, *other);
    FakeLog fake(*scene.town, scene.log);
    protocol::Entry moved = from.entries.back();
    moved.epoch = fake.entries.back().epoch;
    fake.entries.push_back(moved);
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"à tous"});
    CHECK(scene.gaps("bertrand") == Texts{"misdeclared"});
}

TEST_CASE("truncation: an entry cut at any length says nothing and breaks nothing") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    FakeLog fake(*scene.town, scene.log);
    const protocol::Entry whole = fake.entries.back();
    std::size_t cuts = 0;
    for (std::size_t size = 0; size < whole.payload.size(); size += 1 + size / 8) {
        protocol::Entry cut = whole;
        cut.payload.resize(size);
        fake.entries.push_back(cut);
        ++cuts;
    }
    fake.entries.erase(fake.entries.begin() + static_cast<Difference>(Scene::nth_message(fake, 0)));
    fake.entries.push_back(whole);
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un"});
    CHECK(scene.gaps("bertrand").size() == cuts);
}

TEST_CASE("change: an entry with any byte changed says nothing and breaks nothing") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    FakeLog fake(*scene.town, scene.log);
    const protocol::Entry whole = fake.entries.back();
    fake.entries.pop_back();
    std::size_t changes = 0;
    for (std::size_t at = 0; at < whole.payload.size(); at += 3) {
        protocol::Entry changed = whole;
        changed.payload[at] ^= 1U;
        fake.entries.push_back(changed);
        ++changes;
    }
    fake.entries.push_back(whole);
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un"});
    CHECK(scene.gaps("bertrand").size() == changes);
}

TEST_CASE("misdeclaration: a frame that calls an entry by another kind or epoch is not believed") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    FakeLog fake(*scene.town, scene.log);
    protocol::Entry genuine = fake.entries.back();
    fake.entries.pop_back();
    for (const auto kind : {protocol::EntryKind::Bundle, protocol::EntryKind::Deposit}) {
        protocol::Entry wrong = genuine;
        wrong.kind = kind;
        fake.entries.push_back(wrong);
    }
    protocol::Entry wrong = genuine;
    wrong.epoch = wrong.epoch.next();
    fake.entries.push_back(wrong);
    fake.entries.push_back(genuine);
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un"});
    CHECK(scene.gaps("bertrand").size() == 3);
}

TEST_CASE("ghost: a relay that signs a bundle itself adds nobody") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    const std::size_t before = scene.members("alice");
    FakeLog fake(*scene.town, scene.log);
    // All that he can do: the genuine bundle that added Bertrand, under keys of his own, into the
    // present epoch, with himself as a reader.
    protocol::Entry ghost = fake.entries.front();
    auto signed_bundle = codec::decode<protocol::SignedBundle>(ghost.payload).value();
    auto bundle = codec::decode<protocol::Bundle>(signed_bundle.bundle).value();
    const auto key =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, scene.town->random());
    bundle.epoch = fake.entries.back().epoch;
    bundle.author = *protocol::ReaderKey::from(key.public_key());
    bundle.readers_added = {bundle.author};
    signed_bundle.bundle = codec::encode(bundle);
    signed_bundle.epoch_signature =
        access::sign(key, access::Label::BundleEpoch, signed_bundle.bundle);
    signed_bundle.author_signature =
        access::sign(key, access::Label::BundleAuthor, signed_bundle.bundle);
    ghost.payload = codec::encode(signed_bundle);
    ghost.epoch = bundle.epoch;
    fake.entries.push_back(ghost);
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un"});
    CHECK(scene.gaps("bertrand") == Texts{"forged"});
    CHECK(scene.members("bertrand") == before);
    CHECK(scene.members("alice") == before);
}

TEST_CASE("external commit: refused, even when a member lends the relay his bundle key") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    const std::size_t before = scene.members("alice");
    const client::Conversation& alices = *scene.conversation("alice");
    mls::FramedContent content;
    content.group_id = alices.group.group_id();
    content.epoch = alices.group.epoch();
    content.sender.type = mls::SenderType::NewMemberCommit;
    content.content = mls::Commit{};
    mls::PublicMessage message;
    message.content = mls::Original<mls::FramedContent>(content);
    message.auth.signature = Bytes(64, 1);
    message.auth.confirmation_tag = Bytes(32, 1);

    protocol::Bundle bundle;
    bundle.log = scene.log;
    bundle.epoch = {alices.group.epoch().value};
    bundle.commit = codec::encode(mls::MlsMessage{message});
    bundle.next = envelope::rights_of(alices.group).verifier();
    bundle.author = *protocol::ReaderKey::from(alices.reader.public_key());
    protocol::SignedBundle signed_bundle;
    signed_bundle.bundle = codec::encode(bundle);
    signed_bundle.epoch_signature = access::sign(envelope::rights_of(alices.group).bundle_key,
                                                 access::Label::BundleEpoch,
                                                 signed_bundle.bundle);
    signed_bundle.author_signature =
        access::sign(alices.reader, access::Label::BundleAuthor, signed_bundle.bundle);

    FakeLog fake(*scene.town, scene.log);
    protocol::Entry entry = fake.entries.front();
    entry.epoch = bundle.epoch;
    entry.payload = codec::encode(signed_bundle);
    fake.entries.push_back(entry);
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un"});
    // The profile wants handshakes as PrivateMessages; a public one is none
    // (docs/spec/mls-profile.md).
    CHECK(scene.gaps("bertrand") == Texts{"misdeclared"});
    CHECK(scene.members("bertrand") == before);
}

TEST_CASE("roll back: a relay that has gone back in time is noticed, and nothing is said twice") {
    Scene scene;
    scene.say("alice", "un");
    REQUIRE(scene.read("bertrand") == Texts{"un"});
    scene.town->stop_relay();
    const auto earlier = scene.town->relay_machine().disk.image();
    scene.town->start_relay();
    scene.say("alice", "deux");
    scene.say("bertrand", "trois");
    REQUIRE(scene.read("bertrand") == Texts{"un", "deux", "trois"});

    scene.town->stop_relay();
    scene.town->relay_machine().disk.restore(earlier);
    scene.town->start_relay();
    const auto synced = scene.town->play("bertrand", client::Sync{0});
    CHECK(synced.outcome.rule == "log-cut-short");
    CHECK(scene.gaps("bertrand") == Texts{"log-cut-short"});
    CHECK(scene.read("bertrand") == Texts{"un", "deux", "trois"});
    // Whoever had not read so far goes on and is heard by nobody who had.
    const auto sent = scene.town->send("alice", "cellule", "quatre");
    CHECK_FALSE(sent.done());
    CHECK(scene.read("bertrand") == Texts{"un", "deux", "trois"});
}

TEST_CASE("roll back: a log that grew again differently does not continue what was read") {
    Scene scene({"alice", "bertrand", "chloe"});
    scene.say("alice", "un");
    REQUIRE(scene.read("bertrand") == Texts{"un"});
    scene.keep_away("chloe");
    scene.town->stop_relay();
    const auto earlier = scene.town->relay_machine().disk.image();
    scene.town->start_relay();
    scene.say("alice", "deux");
    REQUIRE(scene.read("bertrand") == Texts{"un", "deux"});

    scene.town->stop_relay();
    scene.town->relay_machine().disk.restore(earlier);
    scene.town->start_relay();
    scene.say("chloe", "autre chose");
    scene.say("chloe", "et encore");
    CHECK(scene.town->play("bertrand", client::Sync{0}).outcome.rule == "chain-broken");
    CHECK(scene.read("bertrand") == Texts{"un", "deux"});
    CHECK(scene.gaps("bertrand") == Texts{"chain-broken"});
}

TEST_CASE("false receipt: what a relay calls durable and does not keep is missed by its author") {
    Scene scene;
    // He takes Alice's message, says where it stands, and puts something else there.
    scene.town->its_operator().on_request(
        [](town::Session /*session*/,
           const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            const auto* post = std::get_if<protocol::Post>(&request);
            if (post == nullptr) return std::nullopt;
            return protocol::Posted{{protocol::Seq{2}}};
        });
    REQUIRE(scene.town->send("alice", "cellule", "perdu").done());
    scene.town->its_operator().be_honest();
    CHECK(scene.gaps("alice").empty());
    scene.say("bertrand", "bonjour");
    CHECK(scene.read("alice") == Texts{"perdu", "bonjour"});
    CHECK(scene.gaps("alice") == Texts{"message-withheld"});
}

TEST_CASE("removed member: with the relay's help he is still not heard, and reads nothing") {
    Scene scene({"alice", "bertrand", "chloe"});
    scene.say("chloe", "avant");
    REQUIRE(scene.read("bertrand") == Texts{"avant"});
    scene.keep_away("bertrand");
    // Chloe's device closes a message of the epoch in which she is still a member.
    client::Core& chloes = *scene.town->core("chloe");
    auto& conversation = *chloes.conversations.load(scene.log).value();
    const auto closed = conversation.group.protect(
        envelope::encode_content({envelope::MessageId::random(scene.town->random()),
                                  {2},
                                  std::string(envelope::text_type),
                                  to_bytes("après coup")}),
        codec::encode(envelope::Seen{1, conversation.seq, conversation.chain}),
        0,
        scene.town->random());
    REQUIRE(closed.has_value());
    const protocol::Epoch then{conversation.group.epoch().value};
    using Act = client::ChangeGroup::Act;
    REQUIRE(scene.town->play("alice", client::ChangeGroup{Act::Remove, "cellule", "chloe"}).done());
    scene.say("alice", "sans elle");

    FakeLog fake(*scene.town, scene.log);
    protocol::Entry late = fake.entries.back();
    late.epoch = then;
    late.payload = *closed;
    fake.entries.push_back(late);
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"avant", "sans elle"});
    CHECK(scene.gaps("bertrand") == Texts{"mls-epoch-past"});
    // And the other way: the relay hands her all that came later.
    std::size_t tried = 0;
    for (const protocol::Entry& entry : fake.entries) {
        if (entry.epoch <= then || entry.kind != protocol::EntryKind::Application) continue;
        const client::Judge judge(chloes.self.root, chloes.world.clock.wall());
        const auto opened =
            conversation.group.receive(entry.payload, {judge, chloes.world.clock.wall()});
        CHECK_FALSE(opened.has_value());
        ++tried;
    }
    CHECK(tried == 1);
}
