// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/group.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "mls/forge/circle.h"

namespace cercle::mls {
namespace {

Received received(Circle& circle, std::size_t who, const Bytes& message) {
    auto outcome = circle.groups[who].receive(message, circle.around());
    INFO(rule_of(outcome));
    REQUIRE(outcome);
    return *std::move(outcome);
}

ApplicationMessage heard(Circle& circle, std::size_t who, const Bytes& message) {
    Received outcome = received(circle, who, message);
    auto* const application = std::get_if<ApplicationMessage>(&outcome);
    REQUIRE(application != nullptr);
    return std::move(*application);
}

std::string_view refusal(Circle& circle, std::size_t who, const Bytes& message) {
    const Saved before = circle.groups[who].save();
    const auto outcome = circle.groups[who].receive(message, circle.around());
    CHECK(same_bytes(circle.groups[who].save(), before));
    return rule_of(outcome);
}

// RFC 9420: 7.5/new-excluded 12.4.1/welcome-covers
TEST_CASE("members of a group talk in every suite, and agree on every epoch") {
    const auto id = GENERATE(SuiteId::X25519Aes128Sha256Ed25519,
                             SuiteId::P256Aes128Sha256P256,
                             SuiteId::X25519ChaCha20Sha256Ed25519,
                             SuiteId::XWingAes256Sha384Ed25519);
    Circle circle(id);
    circle.found("Anna");
    circle.add(0, {"Boris", "Chloé"});
    REQUIRE(circle.all_agree());
    circle.add(2, {"Dina"});
    REQUIRE(circle.all_agree());
    circle.follow(1, circle.commit(1));
    REQUIRE(circle.all_agree());
    for (std::size_t sender = 0; sender < 4; ++sender) {
        const Bytes message = circle.say(sender, "bonjour");
        for (std::size_t reader = 0; reader < 4; ++reader) {
            if (reader == sender) continue;
            const ApplicationMessage opened = heard(circle, reader, message);
            CHECK(to_text(opened.content) == "bonjour");
            CHECK(opened.sender.credential == circle.people[sender].profile.credential);
            CHECK(opened.generation == Generation{0});
        }
    }
}

TEST_CASE("the roster shows who is there, with keys and extensions") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const Roster roster = circle.groups[1].roster();
    REQUIRE(roster.size() == 2);
    CHECK(roster[1].index == circle.groups[1].own_index());
    CHECK(roster[1].credential == basic_credential(view_of("Boris")));
    CHECK(roster[1].signature_key == circle.people[1].key.public_key());
    REQUIRE(find_extension(roster[1].leaf_extensions, reader_key) != nullptr);
    REQUIRE(find_extension(circle.groups[1].context_extensions(), policy) != nullptr);
}

// RFC 9420: 14/pure
TEST_CASE("staging a commit changes nothing, and tells the next epoch's secrets beforehand") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const Saved before = circle.groups[0].save();
    const StagedCommit staged = circle.commit(0);
    CHECK(same_bytes(circle.groups[0].save(), before));
    CHECK(staged.next.epoch() == circle.groups[0].epoch().next());
    CHECK(staged.commit_hash == message_hash(staged.commit));

    const Saved boris = circle.groups[1].save();
    Received outcome = received(circle, 1, staged.commit);
    auto* const epoch = std::get_if<StagedEpoch>(&outcome);
    REQUIRE(epoch != nullptr);
    CHECK(same_bytes(circle.groups[1].save(), boris));
    CHECK(epoch->next.export_secret("append token", {}, 32) ==
          staged.next.export_secret("append token", {}, 32));
    CHECK(epoch->sender.index == circle.groups[0].own_index());
    REQUIRE(epoch->changes.updated.size() == 1);
    CHECK(epoch->changes.updated[0].index == circle.groups[0].own_index());
}

// RFC 9420: 15.2/new-secret
TEST_CASE("a removed member cannot open the next epoch") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris", "Chloé"});
    Intents intents;
    intents.removes = {circle.groups[1].own_index()};
    StagedCommit staged = circle.commit(0, intents);
    Received seen = received(circle, 1, staged.commit);
    REQUIRE(std::get_if<Eviction>(&seen) != nullptr);
    Group boris = std::move(circle.groups[1]);
    circle.groups.erase(circle.groups.begin() + 1);
    circle.people.erase(circle.people.begin() + 1);
    circle.follow(0, std::move(staged));
    REQUIRE(circle.all_agree());
    CHECK(circle.groups[0].roster().size() == 2);
    const Bytes message = circle.say(0, "without Boris");
    CHECK(rule_of(boris.receive(message, circle.around())) == "mls-epoch-in-future");
    CHECK(to_text(heard(circle, 1, message).content) == "without Boris");
}

// RFC 9420: 9.2/consumed
TEST_CASE("a message opens once") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const Bytes message = circle.say(0, "once");
    heard(circle, 1, message);
    CHECK(refusal(circle, 1, message) == "mls-already-received");
}

TEST_CASE("messages open in any order") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    std::vector<Bytes> messages;
    for (int at = 0; at < 5; ++at)
        messages.push_back(circle.say(0, std::to_string(at)));
    for (const std::size_t at : {4U, 0U, 2U, 3U, 1U}) {
        const ApplicationMessage opened = heard(circle, 1, messages[at]);
        CHECK(to_text(opened.content) == std::to_string(at));
        CHECK(opened.generation.value == at);
    }
}

TEST_CASE("a message opens once, in whatever order it came") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    std::vector<Bytes> messages;
    for (int at = 0; at < 4; ++at)
        messages.push_back(circle.say(0, std::to_string(at)));
    for (const std::size_t at : {2U, 0U, 3U, 1U}) {
        static_cast<void>(heard(circle, 1, messages[at]));
        CHECK(refusal(circle, 1, messages[at]) == "mls-already-received");
    }
    for (const Bytes& message : messages)
        CHECK(refusal(circle, 1, message) == "mls-already-received");
}

// RFC 9420: 15.3/epochs
TEST_CASE("late messages open for three epochs, in the name of who stood there then") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris", "Chloé"});
    const Bytes late = circle.say(1, "I was here");
    const Bytes too_late = circle.say(1, "too late");
    Intents intents;
    intents.removes = {circle.groups[1].own_index()};
    StagedCommit staged = circle.commit(0, intents);
    circle.groups.erase(circle.groups.begin() + 1);
    circle.people.erase(circle.people.begin() + 1);
    circle.follow(0, std::move(staged));
    circle.add(0, {"Dina"});  // takes Boris's leaf
    REQUIRE(circle.groups[2].own_index() == LeafIndex{1});
    circle.follow(0, circle.commit(0));
    const ApplicationMessage opened = heard(circle, 1, late);
    CHECK(opened.sender.credential == basic_credential(view_of("Boris")));
    CHECK(refusal(circle, 1, late) == "mls-already-received");
    circle.follow(0, circle.commit(0));
    CHECK(refusal(circle, 1, too_late) == "mls-epoch-gone");
}

TEST_CASE("our own messages come back as such") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const Bytes message = circle.say(0, "hello");
    const Received echo = received(circle, 0, message);
    CHECK(std::holds_alternative<OwnMessage>(echo));
    const StagedCommit staged = circle.commit(0);
    const Received own = received(circle, 0, staged.commit);
    REQUIRE(std::get_if<OwnMessage>(&own) != nullptr);
    CHECK(std::get<OwnMessage>(own).content == ContentType::Commit);
}

TEST_CASE("proposals of several members go into another's commit") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris", "Chloé", "Dina"});
    const Person emre = Person::called(circle.suite, "Emre", circle.random);
    const KeyPackageBundle bundle = circle.package_of(emre);

    auto update = circle.groups[1].propose_update({}, {}, circle.random);
    auto add = circle.groups[2].propose_add(circle.verified(bundle), {}, circle.random);
    auto leave = circle.groups[3].propose_remove(
        circle.groups[3].own_index(), view_of("bye"), circle.random);
    for (const auto* const proposal : {&update, &add, &leave}) {
        REQUIRE(proposal->has_value());
        for (std::size_t at = 0; at < 4; ++at) {
            const Received outcome = received(circle, at, **proposal);
            const bool own = std::holds_alternative<OwnMessage>(outcome);
            CHECK((own || std::holds_alternative<StoredProposal>(outcome)));
        }
    }
    CHECK(circle.groups[0].pending_proposals() == 3);
    CHECK(refusal(circle, 0, *add) == "mls-already-received");

    StagedCommit staged = circle.commit(0);
    CHECK(staged.changes.added.size() == 1);
    CHECK(staged.changes.removed.size() == 1);
    CHECK(staged.changes.updated.size() == 2);
    const Bytes welcome = staged.welcome;
    Received dina = received(circle, 3, staged.commit);
    CHECK(std::holds_alternative<Eviction>(dina));
    circle.groups.pop_back();
    circle.people.pop_back();
    circle.follow(0, std::move(staged));
    auto joined = Group::join(welcome, bundle, emre.key, circle.around());
    REQUIRE(joined);
    circle.groups.push_back(*std::move(joined));
    REQUIRE(circle.all_agree());
    // Who updated by proposal can go on from its new key.
    circle.follow(3, circle.commit(3));
    circle.follow(1, circle.commit(1));
    REQUIRE(circle.all_agree());
}

// RFC 9420: 12.4/before-data
TEST_CASE("who has seen a proposal commits before he writes on") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris", "Chloé"});
    const auto leave = circle.groups[2].propose_remove({2}, {}, circle.random);
    REQUIRE(leave);
    received(circle, 0, *leave);
    const Saved before = circle.groups[0].save();
    CHECK(rule_of(circle.groups[0].protect(view_of("x"), {}, 0, circle.random)) ==
          "mls-proposals-pending");
    CHECK(rule_of(circle.groups[2].protect(view_of("x"), {}, 0, circle.random)) ==
          "mls-proposals-pending");
    CHECK(same_bytes(circle.groups[0].save(), before));
    received(circle, 1, *leave);
    StagedCommit staged = circle.commit(0);
    circle.groups.pop_back();
    circle.people.pop_back();
    circle.follow(0, std::move(staged));
    heard(circle, 1, circle.say(0, "on we go"));
}

TEST_CASE("pending proposals that do not go together are left out, not fatal") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris", "Chloé"});
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    for (std::size_t who = 1; who < 3; ++who) {
        auto add = circle.groups[who].propose_add(
            circle.verified(circle.package_of(dina)), {}, circle.random);
        auto out = circle.groups[who].propose_remove({0}, {}, circle.random);
        for (std::size_t at = 0; at < 3; ++at) {
            received(circle, at, *add);
            received(circle, at, *out);
        }
    }
    StagedCommit staged = circle.commit(0);
    CHECK(staged.changes.added.size() == 1);
    CHECK(staged.changes.removed.empty());
    circle.follow(0, std::move(staged));
    REQUIRE(circle.all_agree());
}

TEST_CASE("a commit that only adds may do without a path") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const Person chloe = Person::called(circle.suite, "Chloé", circle.random);
    const KeyPackageBundle bundle = circle.package_of(chloe);
    Intents intents;
    intents.adds = {circle.verified(bundle)};
    intents.path = Intents::Path::WhenRequired;
    StagedCommit staged = circle.commit(0, intents);
    CHECK(staged.changes.updated.empty());
    const Bytes welcome = staged.welcome;
    circle.follow(0, std::move(staged));
    auto joined = Group::join(welcome, bundle, chloe.key, circle.around());
    REQUIRE(joined);
    circle.groups.push_back(*std::move(joined));
    REQUIRE(circle.all_agree());
    circle.follow(2, circle.commit(2));
    REQUIRE(circle.all_agree());
}

// RFC 9420: 12.4/sender-checks
TEST_CASE("leaf and context extensions change by commit") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    Intents intents;
    intents.leaf.extensions = Extensions{{reader_key, to_bytes("another key")}};
    intents.context_extensions = Extensions{{policy, to_bytes("only Anna may add")}};
    StagedCommit staged = circle.commit(0, intents);
    CHECK(staged.changes.context_changed == 1);
    circle.follow(0, std::move(staged));
    REQUIRE(circle.all_agree());
    CHECK(circle.groups[1].context_extensions() == *intents.context_extensions);
    CHECK(circle.groups[1].roster()[0].leaf_extensions == *intents.leaf.extensions);
    intents = {};
    intents.context_extensions = Extensions{{ExtensionType{0xF0C9}, {}}};
    CHECK(rule_of(circle.groups[0].stage_commit(intents, {}, circle.random)) ==
          "mls-extension-unsupported");
}

// RFC 9420: 9.1/used-once
TEST_CASE("two commits staged in one epoch do not share a message key") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const StagedCommit first = circle.commit(0);
    circle.groups[0].spend_key_of(first);
    circle.groups[0].spend_key_of(first);  // harmless
    StagedCommit second = circle.commit(0);
    circle.groups[0].spend_key_of(second);
    circle.follow(0, std::move(second));
    REQUIRE(circle.all_agree());
}

// RFC 9420: 14/conflicts
TEST_CASE("a commit that has lost cannot be merged") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    StagedCommit lost = circle.commit(1);
    circle.follow(0, circle.commit(0));
    CHECK(rule_of(circle.groups[1].merge(std::move(lost))) == "mls-stale-commit");
    REQUIRE(circle.all_agree());
}

TEST_CASE("a message tells its kind, group and epoch without being opened") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const auto said = peek(circle.say(0, "hello"));
    REQUIRE(said);
    CHECK(said->wire_format == WireFormat::PrivateMessage);
    CHECK(said->group_id == to_bytes("group"));
    CHECK(said->epoch == Epoch{1});
    CHECK(said->content == ContentType::Application);
    const StagedCommit staged = circle.commit(0);
    CHECK(peek(staged.commit)->content == ContentType::Commit);
}

// RFC 9420: 6.3.1/padding-sent
TEST_CASE("padding is inside the encryption and leaves no trace in the content") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const auto bare = circle.groups[0].protect(view_of("x"), {}, 0, circle.random);
    const auto padded = circle.groups[0].protect(view_of("x"), {}, 200, circle.random);
    REQUIRE(bare);
    REQUIRE(padded);
    CHECK(padded->size() >= bare->size() + 200);
    CHECK(to_text(heard(circle, 1, *padded).content) == "x");
}

}  // namespace
}  // namespace cercle::mls
