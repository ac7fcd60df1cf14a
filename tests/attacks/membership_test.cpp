// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Whom a relay cannot bring into a conversation, nor keep in it.

#include <catch2/catch_test_macros.hpp>

#include "access/label.h"
#include "client/judge.h"
#include "codec/tls.h"
#include "envelope/epoch_rights.h"
#include "envelope/seen.h"
#include "relay/chain.h"
#include "tests/attacks/scene.h"

namespace {

using namespace cercle;
using attacks::FakeLog;
using attacks::Scene;
using attacks::Texts;

/// An empty commit by somebody who is not in the group (RFC 9420 section 12.4.3.2), as far as it
/// can be made without the group's GroupInfo: an MLSMessage with a PublicMessage.
Bytes external_commit(const mls::Group& group) {
    constexpr std::uint16_t mls10 = 1;
    constexpr std::uint16_t public_message = 1;
    constexpr std::uint8_t new_member_commit = 4;
    constexpr std::uint8_t commit = 3;
    codec::Writer writer;
    codec::write(writer, mls10);
    codec::write(writer, public_message);
    writer.opaque(group.group_id());
    codec::write(writer, group.epoch());
    codec::write(writer, new_member_commit);
    writer.opaque({});  // authenticated_data
    codec::write(writer, commit);
    writer.opaque({});                      // proposals
    codec::write(writer, std::uint8_t{0});  // no path
    writer.opaque(Bytes(64, 1));            // signature
    writer.opaque(Bytes(32, 1));            // confirmation_tag
    return std::move(writer).take();
}

}  // namespace

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
    protocol::Bundle bundle;
    bundle.log = scene.log;
    bundle.epoch = {alices.group.epoch().value};
    bundle.commit = external_commit(alices.group);
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

TEST_CASE("replayed Welcome: the letter that once took somebody in does not do it again") {
    Scene scene({"alice", "bertrand", "chloe"});
    scene.say("alice", "avant");
    REQUIRE(scene.read("chloe") == Texts{"avant"});
    client::Core& chloes = *scene.town->core("chloe");
    const protocol::LogId inbox = chloes.self.inbox;
    using Act = client::ChangeGroup::Act;
    REQUIRE(scene.town->play("alice", client::ChangeGroup{Act::Remove, "cellule", "chloe"}).done());
    REQUIRE(scene.town->play("chloe", client::Sync{0}).done());
    REQUIRE(scene.town->play("chloe", client::Send{"cellule", "encore", {}}).outcome.rule ==
            "not-a-member");
    // Every letter that ever lay in her inbox, once more.
    FakeLog letters(*scene.town, inbox);
    const auto put = scene.town->store().transact([&](relay::LogTables& tables) -> Result<void> {
        for (protocol::Entry again : letters.entries) {
            TRY(const auto log, tables.find_log(inbox));
            again.seq = log->head.next();
            again.chain = relay::chain_after(log->chain, inbox, again);
            const auto id =
                protocol::EntryId::from(again.chain.view().first(protocol::EntryId::size));
            TRY_VOID(tables.append(inbox, again, *id, relay::content_hash(again)));
        }
        return {};
    });
    REQUIRE(put.has_value());
    REQUIRE(letters.entries.size() >= 2);
    scene.town->close("chloe");
    REQUIRE(scene.town->play("chloe", client::Sync{0}).done());
    CHECK(scene.town->play("chloe", client::Send{"cellule", "encore", {}}).outcome.rule ==
          "not-a-member");
    CHECK(scene.members("alice") == 2);
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
