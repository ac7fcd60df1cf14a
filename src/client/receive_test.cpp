// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/receive.h"

#include <catch2/catch_test_macros.hpp>

#include "client/commits.h"

namespace {

using namespace cercle;
using namespace cercle::client;

protocol::Entry next_entry(protocol::Seq seq, protocol::ChainHash before, protocol::LogId log) {
    protocol::Entry entry;
    entry.seq = seq;
    entry.kind = protocol::EntryKind::Application;
    entry.payload = to_bytes("payload");
    entry.chain = chain_after(before, log, entry);
    return entry;
}

identity::Passport somebody(std::uint8_t member, identity::Role role = identity::Role::Member) {
    identity::Passport passport;
    passport.member.bytes.fill(member);
    passport.device.bytes.fill(member);
    passport.role = role;
    return passport;
}

}  // namespace

TEST_CASE("a log is read on only where it continues what was read before") {
    const protocol::LogId log;
    const protocol::ChainHash start;
    const auto first = next_entry({1}, start, log);
    const auto second = next_entry({2}, first.chain, log);
    CHECK(check_next({0}, start, log, first).has_value());
    CHECK(check_next({1}, first.chain, log, second).has_value());
    // Left out, repeated, from another history, from another log.
    CHECK_FALSE(check_next({0}, start, log, second).has_value());
    CHECK_FALSE(check_next({1}, first.chain, log, first).has_value());
    CHECK_FALSE(check_next({1}, second.chain, log, second).has_value());
    // Behind a gap any chain goes on, but for one that would leave the next unknown, too.
    auto gone_on = next_entry({2}, first.chain, log);
    CHECK(check_next({1}, unknown_chain, log, gone_on).has_value());
    gone_on.chain = unknown_chain;
    CHECK_FALSE(check_next({1}, unknown_chain, log, gone_on).has_value());
    protocol::LogId other;
    other.bytes.fill(9);
    CHECK_FALSE(check_next({1}, first.chain, other, second).has_value());
}

TEST_CASE("an entry that was changed in anything breaks the chain") {
    const protocol::LogId log;
    const protocol::ChainHash start;
    const auto entry = next_entry({1}, start, log);
    auto changed = entry;
    changed.payload.push_back(0);
    CHECK_FALSE(check_next({0}, start, log, changed).has_value());
    changed = entry;
    changed.kind = protocol::EntryKind::Bundle;
    CHECK_FALSE(check_next({0}, start, log, changed).has_value());
    changed = entry;
    changed.epoch = {1};
    CHECK_FALSE(check_next({0}, start, log, changed).has_value());
    changed = entry;
    changed.stamp = {1};
    CHECK_FALSE(check_next({0}, start, log, changed).has_value());
}

TEST_CASE("in a group any member adds and removes, in the directory only an officer does") {
    const auto alice = somebody(1);
    const auto officer = somebody(2, identity::Role::Officer);
    const std::vector members{alice, officer};
    CHECK(check_policy(ConversationKind::Group, alice, members, {somebody(3)}, {}).has_value());
    CHECK(check_policy(ConversationKind::Group, alice, members, {}, {officer}).has_value());
    CHECK_FALSE(
        check_policy(ConversationKind::Directory, alice, members, {somebody(3)}, {}).has_value());
    CHECK_FALSE(
        check_policy(ConversationKind::Directory, alice, members, {}, {officer}).has_value());
    CHECK(
        check_policy(ConversationKind::Directory, officer, members, {somebody(3)}, {}).has_value());
    CHECK(check_policy(ConversationKind::Directory, alice, members, {}, {}).has_value());
}

TEST_CASE(
    "a direct conversation takes in no third member, and either may take the other's device out") {
    const auto alice = somebody(1);
    const auto bertrand = somebody(2);
    const std::vector both{alice, bertrand};
    CHECK(check_policy(ConversationKind::Direct, alice, {alice}, {bertrand}, {}).has_value());
    CHECK_FALSE(check_policy(ConversationKind::Direct, alice, both, {somebody(3)}, {}).has_value());
    // It may have been lost, which not everybody has to know by then (decision 46).
    CHECK(check_policy(ConversationKind::Direct, alice, both, {}, {bertrand}).has_value());
    CHECK(check_policy(ConversationKind::Direct, alice, both, {bertrand}, {}).has_value());
    CHECK_FALSE(
        check_policy(
            ConversationKind::Direct, alice, {alice}, {bertrand, somebody(3), somebody(4)}, {})
            .has_value());
}
