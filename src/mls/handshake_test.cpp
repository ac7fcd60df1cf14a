// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Proposals and commits of our own in the open.
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/framing.h"

namespace cercle::mls {
namespace {

/// Anna speaks in the open, the others do not.
struct Open : Circle {
    explicit Open(SuiteId id = SuiteId::X25519Aes128Sha256Ed25519)
        : Circle(id) {
        found("Anna");
        add(0, {"Boris", "Chloé"});
        groups[0].send_handshakes(HandshakeFraming::Public);
    }

    [[nodiscard]] Bytes proposes_to_renew(std::size_t who) {
        auto update = groups[who].propose_update({}, {}, random);
        REQUIRE(update);
        return *std::move(update);
    }
};

WireFormat format_of(BytesView message) {
    const auto peeked = peek(message);
    REQUIRE(peeked);
    return peeked->wire_format;
}

PublicMessage opened(BytesView message) {
    const auto decoded = codec::decode<MlsMessage>(message);
    REQUIRE(decoded);
    return std::get<PublicMessage>(decoded->content);
}

TEST_CASE("who sends handshakes in the open and who encrypts them follow each other") {
    for (const SuiteId suite :
         {SuiteId::X25519Aes128Sha256Ed25519, SuiteId::XWingAes256Sha384Ed25519}) {
        Open circle(suite);
        const Bytes update = circle.proposes_to_renew(0);
        CHECK(format_of(update) == WireFormat::PublicMessage);
        REQUIRE(circle.groups[1].receive(update, circle.around()));
        REQUIRE(circle.groups[2].receive(update, circle.around()));
        StagedCommit closed = circle.commit(1);
        CHECK(format_of(closed.commit) == WireFormat::PrivateMessage);
        circle.follow(1, std::move(closed));
        REQUIRE(circle.all_agree());

        const Bytes hidden = circle.proposes_to_renew(2);
        CHECK(format_of(hidden) == WireFormat::PrivateMessage);
        REQUIRE(circle.groups[0].receive(hidden, circle.around()));
        REQUIRE(circle.groups[1].receive(hidden, circle.around()));
        StagedCommit open = circle.commit(0);
        CHECK(format_of(open.commit) == WireFormat::PublicMessage);
        circle.follow(0, std::move(open));
        REQUIRE(circle.all_agree());
    }
}

TEST_CASE("who adds in the open welcomes like others, and what is said stays encrypted") {
    Open circle;
    circle.add(0, {"Dina"});
    REQUIRE(circle.all_agree());
    const Bytes text = circle.say(0, "hello");
    CHECK(format_of(text) == WireFormat::PrivateMessage);
    CHECK(circle.groups[3].receive(text, circle.around()));
}

// RFC 9420: 6.2/membership-tag-sent 6.2/membership-tag
TEST_CASE("a handshake in the open has the tag of a member, and none but that is accepted") {
    Open circle;
    const Bytes update = circle.proposes_to_renew(0);
    const StagedCommit commit = circle.commit(0);
    for (const Bytes& message : {update, commit.commit}) {
        PublicMessage changed = opened(message);
        REQUIRE(changed.membership_tag);
        CHECK(changed.membership_tag->size() == circle.suite.digest_size());
        changed.membership_tag->back() ^= 1;
        const Saved before = circle.groups[1].save();
        CHECK(rule_of(circle.groups[1].receive(codec::encode(MlsMessage{changed}),
                                               circle.around())) == "mls-membership-tag");
        CHECK(same_bytes(circle.groups[1].save(), before));
        CHECK(circle.groups[1].receive(message, circle.around()));
    }
}

TEST_CASE("one's own handshake in the open is known again") {
    Open circle;
    const Bytes update = circle.proposes_to_renew(0);
    auto back = circle.groups[0].receive(update, circle.around());
    REQUIRE(back);
    CHECK(std::get<OwnMessage>(*back).content == ContentType::Proposal);
    const StagedCommit staged = circle.commit(0);
    back = circle.groups[0].receive(staged.commit, circle.around());
    REQUIRE(back);
    CHECK(std::get<OwnMessage>(*back).content == ContentType::Commit);
    CHECK(message_hash(staged.commit) == staged.commit_hash);
}

TEST_CASE("a handshake in the open takes no message key") {
    Open circle;
    StagedCommit open = circle.commit(0);
    const Saved before = circle.groups[0].save();
    circle.groups[0].spend_key_of(open);
    CHECK(same_bytes(circle.groups[0].save(), before));

    const Saved saved = open.save();
    auto loaded = StagedCommit::load(saved.public_part, saved.secret_part);
    REQUIRE(loaded);
    CHECK(same_bytes(loaded->save(), saved));
    circle.follow(0, *std::move(loaded));
    REQUIRE(circle.all_agree());
}

TEST_CASE("how a member sends handshakes is stored with the group, and others are not told") {
    Open circle;
    const Saved saved = circle.groups[0].save();
    const auto loaded = Group::load(saved.public_part, saved.secret_part, circle.people[0].key);
    REQUIRE(loaded);
    CHECK(loaded->handshake_framing() == HandshakeFraming::Public);
    circle.follow(0, circle.commit(0));
    CHECK(circle.groups[0].handshake_framing() == HandshakeFraming::Public);
    CHECK(circle.groups[1].handshake_framing() == HandshakeFraming::Private);

    Bytes unknown = saved.public_part;
    unknown.back() = 2;
    CHECK(rule_of(Group::load(unknown, saved.secret_part, circle.people[0].key)) ==
          "store-corrupt");
}

}  // namespace
}  // namespace cercle::mls
