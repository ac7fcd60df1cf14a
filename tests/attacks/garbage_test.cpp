// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a member cannot do to a conversation by commits that are none (docs/decisions/0040).

#include <algorithm>
#include <array>
#include <functional>

#include <catch2/catch_test_macros.hpp>

#include "access/label.h"
#include "client/commits.h"
#include "client/judge.h"
#include "codec/tls.h"
#include "envelope/epoch_rights.h"
#include "envelope/seen.h"
#include "mls/forge/member.h"
#include "tests/attacks/scene.h"

namespace {

using namespace cercle;
using attacks::Scene;
using attacks::Texts;
using client::ChangeGroup;

/// Signed as its author's client signs it.
protocol::SignedBundle signed_by(const client::Conversation& his, const protocol::Bundle& bundle) {
    protocol::SignedBundle letter;
    letter.bundle = codec::encode(bundle);
    letter.epoch_signature = access::sign(
        envelope::rights_of(his.group).bundle_key, access::Label::BundleEpoch, letter.bundle);
    letter.author_signature = access::sign(his.reader, access::Label::BundleAuthor, letter.bundle);
    return letter;
}

struct Meeting : Scene {
    explicit Meeting(std::vector<std::string> names = {"alice", "bertrand", "mallory"})
        : Scene(names) {
        for (const std::string& name : names)
            REQUIRE(town->play(name, client::Sync{0}).done());
    }

    /// Mallory's client stages a commit that is right, but for what `spoil` does to its bundle. He
    /// himself enters it. It goes out with the next thing that he says.
    void stage_garbage(const std::function<void(protocol::Bundle&)>& spoil) {
        client::Conversation& his = *conversation("mallory");
        const envelope::Seen seen{1, his.seq, his.chain};
        auto staged = his.group.stage_commit({}, codec::encode(seen), town->random()).value();
        his.group.spend_key_of(staged);
        const auto right = client::make_bundle(his, staged).value();
        auto bundle = codec::decode<protocol::Bundle>(right.bundle).value();
        spoil(bundle);
        his.pending = client::PendingCommit{std::move(staged),
                                            protocol::EntryId::random(town->random()),
                                            codec::encode(signed_by(his, bundle))};
    }

    void commit_garbage(const std::function<void(protocol::Bundle&)>& spoil) {
        stage_garbage(spoil);
        static_cast<void>(try_to_say("mallory", "moi d'abord"));
    }

    [[nodiscard]] std::uint64_t epoch(const std::string& home) {
        return conversation(home)->group.epoch().value;
    }

    [[nodiscard]] client::Outcome try_to_say(const std::string& home, const std::string& text) {
        return town->send(home, "cellule", text).outcome;
    }

    /// Mallory commits, and closes the path's secret wrongly to whoever is `closed_out`.
    void commit_to_all_but(const std::function<bool(std::size_t)>& closed_out,
                           const std::string& follower) {
        client::Conversation& his = *conversation("mallory");
        client::Core& core = *town->core("mallory");
        mls::Forge forge = mls::Forge::of(his.group, core.self.signature_key);
        forge.spoilers.path = [&closed_out](std::vector<mls::UpdatePathNode>& nodes) {
            for (std::size_t at = 0; at < nodes.size(); ++at) {
                if (!closed_out(at)) continue;
                for (auto& secret : nodes[at].encrypted_path_secrets)
                    secret.ciphertext.back() ^= 1U;
            }
        };
        const Bytes commit = forge.path_commit();
        stage_garbage([&](protocol::Bundle& bundle) {
            bundle.commit = commit;
            bundle.next = verifier_after(commit, follower).value_or(bundle.next);
        });
        static_cast<void>(try_to_say("mallory", "qui me suit ?"));
    }

    /// Whose leaf is beside Mallory's, below the lowest node of his path, and the others.
    [[nodiscard]] std::array<std::string, 3> neighbour_and_others() {
        const auto leaf = [this](const std::string& home) {
            const client::Conversation& own = *conversation(home);
            for (const mls::Member& member : own.group.roster()) {
                if (std::ranges::equal(client::reader_of(member).value().view(),
                                       own.reader.public_key())) {
                    return member.index.value;
                }
            }
            FAIL("a member who is not in his own roster");
            return 0U;
        };
        std::array<std::string, 3> names{"alice", "bertrand", "chloe"};
        for (std::string& name : names) {
            if (leaf(name) == (leaf("mallory") ^ 1U)) std::swap(name, names[0]);
        }
        return names;
    }

    /// Of the epoch that a commit begins for somebody who can follow it.
    [[nodiscard]] std::optional<protocol::Verifier> verifier_after(const Bytes& commit,
                                                                   const std::string& home) {
        const client::Core& core = *town->core(home);
        const WallTime now = core.world.clock.wall();
        const client::Judge judge(core.self.root, now);
        auto received = conversation(home)->group.receive(commit, client::surroundings(judge, now));
        if (!received.has_value()) return std::nullopt;
        const auto* staged = std::get_if<mls::StagedEpoch>(&*received);
        if (staged == nullptr) return std::nullopt;
        return envelope::rights_of(staged->next).verifier();
    }
};

/// Signed under an epoch's key that is right, and for the author by a key that no member has.
protocol::Entry by_nobody(const crypto::SigningKey& epoch_key,
                          protocol::Bundle bundle,
                          Random& random) {
    const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    bundle.author = *protocol::ReaderKey::from(key.public_key());
    protocol::SignedBundle letter;
    letter.bundle = codec::encode(bundle);
    letter.epoch_signature = access::sign(epoch_key, access::Label::BundleEpoch, letter.bundle);
    letter.author_signature = access::sign(key, access::Label::BundleAuthor, letter.bundle);
    return {{}, protocol::EntryKind::Bundle, bundle.epoch, {}, codec::encode(letter), {}};
}

void flip(Bytes& bytes) {
    bytes.back() ^= 1U;
}

}  // namespace

TEST_CASE("garbage: a commit that nobody can open stops nobody, and is told") {
    Meeting meeting;
    const std::uint64_t before = meeting.epoch("alice");
    meeting.commit_garbage([](protocol::Bundle& bundle) { flip(bundle.commit); });
    meeting.say("alice", "on continue");
    meeting.say("bertrand", "oui");
    for (const char* const home : {"alice", "bertrand"}) {
        CHECK(meeting.read(home) == Texts{"on continue", "oui"});
        CHECK(meeting.gaps(home).size() == 2);  // the commit, and what he said in its epoch
        CHECK(meeting.epoch(home) == before + 1);
    }
}

TEST_CASE("garbage: a right commit whose bundle drops the others locks nobody out") {
    Meeting meeting({"alice", "bertrand", "chloe", "mallory"});
    meeting.commit_garbage([&meeting](protocol::Bundle& bundle) {
        for (const char* const home : {"alice", "bertrand", "chloe"}) {
            bundle.readers_dropped.push_back(
                *protocol::ReaderKey::from(meeting.conversation(home)->reader.public_key()));
        }
    });
    meeting.say("alice", "toujours là");
    meeting.say("bertrand", "moi aussi");
    for (const char* const home : {"alice", "bertrand", "chloe"}) {
        CHECK(meeting.read(home) == Texts{"toujours là", "moi aussi"});
        CHECK(meeting.gaps(home).front() == "bundle-mismatch-commit");
    }
}

TEST_CASE("garbage: rights that are not the next epoch's lock nobody out") {
    Meeting meeting;
    meeting.commit_garbage([](protocol::Bundle& bundle) { bundle.next.token = {}; });
    meeting.say("alice", "on continue");
    CHECK(meeting.read("bertrand") == Texts{"on continue"});
    CHECK(meeting.gaps("bertrand").front() == "bundle-mismatch-commit");
}

TEST_CASE("garbage: over and over, by whoever is a member, it only costs a line each time") {
    Meeting meeting;
    for (int round = 0; round < 3; ++round) {
        meeting.stage_garbage([](protocol::Bundle& bundle) { flip(bundle.commit); });
        static_cast<void>(meeting.try_to_say("mallory", "encore"));
        meeting.say("alice", "on continue");
        REQUIRE(meeting.town->play("bertrand", client::Sync{0}).done());
    }
    CHECK(meeting.read("bertrand") == Texts(3, "on continue"));
    REQUIRE(meeting.town->play("alice", ChangeGroup{ChangeGroup::Act::Remove, "cellule", "mallory"})
                .done());
    meeting.say("bertrand", "entre nous");
    CHECK(meeting.read("alice").back() == "entre nous");
    CHECK(meeting.members("bertrand") == 2);
}

TEST_CASE("garbage: what was closed before it is sent again after it, once, in its order") {
    Meeting meeting;
    // Alice writes while she is away; Mallory is quicker.
    meeting.keep_away("alice");
    meeting.commit_garbage([](protocol::Bundle& bundle) { flip(bundle.commit); });
    meeting.say("alice", "un");
    meeting.say("alice", "deux");
    CHECK(meeting.read("bertrand") == Texts{"un", "deux"});
}

TEST_CASE(
    "in doubt: a commit that one member alone cannot open leaves him behind, and he is told") {
    Meeting meeting({"alice", "bertrand", "chloe", "mallory"});
    const auto [victim, first, second] = meeting.neighbour_and_others();
    meeting.commit_to_all_but([](std::size_t node) { return node == 0; }, first);
    // He does not go on by himself from where the others have moved on.
    CHECK(meeting.try_to_say(victim, "et moi ?").rule == "commit-in-doubt");
    using Act = ChangeGroup::Act;
    REQUIRE(meeting.town->play(first, ChangeGroup{Act::Remove, "cellule", second}).done());
    CHECK(meeting.try_to_say(victim, "et moi ?").rule == "left-behind");
    CHECK(meeting.gaps(victim) == Texts{"commit-in-doubt", "left-behind"});
    // As the sentence says: out, and in again.
    for (const auto act : {Act::Remove, Act::Add})
        REQUIRE(meeting.town->play(first, ChangeGroup{act, "cellule", victim}).done());
    REQUIRE(meeting.town->play(victim, client::Sync{0}).done());
    meeting.say(first, "te revoilà");
    CHECK(meeting.read(victim).back() == "te revoilà");
    // What he wrote meanwhile is said now.
    CHECK(std::ranges::count(meeting.read(first), "et moi ?") >= 1);
}

TEST_CASE(
    "in doubt: a commit that none of the others can open waits for a person to put its author "
    "out") {
    Meeting meeting({"alice", "bertrand", "chloe", "mallory"});
    meeting.commit_to_all_but([](std::size_t /*node*/) { return true; }, "alice");
    for (const char* const home : {"alice", "bertrand", "chloe"})
        CHECK(meeting.try_to_say(home, "j'attends").rule == "commit-in-doubt");
    REQUIRE(meeting.town->play("alice", ChangeGroup{ChangeGroup::Act::Remove, "cellule", "mallory"})
                .done());
    for (const char* const home : {"bertrand", "chloe"})
        REQUIRE(meeting.town->play(home, client::Sync{0}).done());
    meeting.say("bertrand", "sans lui");
    for (const char* const home : {"alice", "bertrand", "chloe"}) {
        CHECK(meeting.read(home).back() == "sans lui");
        CHECK(meeting.read(home).size() == 4);  // nothing that waited is lost, or said twice
        CHECK(meeting.members(home) == 3);
    }
}

TEST_CASE("a right commit whose bundle bears a key that is no member's is passed over") {
    Meeting meeting;
    meeting.say("alice", "un");
    REQUIRE(meeting.read("bertrand") == Texts{"un"});
    const std::uint64_t before = meeting.epoch("bertrand");
    std::optional<protocol::Bundle> right;
    meeting.stage_garbage([&right](protocol::Bundle& bundle) { right = bundle; });
    attacks::FakeLog fake(*meeting.town, meeting.log);
    fake.entries.push_back(
        by_nobody(envelope::rights_of(meeting.conversation("alice")->group).bundle_key,
                  *right,
                  meeting.town->random()));
    fake.show_to({"bertrand"});
    CHECK(meeting.read("bertrand") == Texts{"un"});
    CHECK(meeting.gaps("bertrand") == Texts{"bundle-mismatch-commit"});
    CHECK(meeting.epoch("bertrand") == before);
}

TEST_CASE("in doubt: a bundle by a key that is no member's does not say that others have gone on") {
    Meeting meeting({"alice", "bertrand", "chloe", "mallory"});
    const auto [victim, first, second] = meeting.neighbour_and_others();
    meeting.commit_to_all_but([](std::size_t node) { return node == 0; }, first);
    REQUIRE(meeting.town->play(first, client::Sync{0}).done());
    CHECK(meeting.try_to_say(victim, "et moi ?").rule == "commit-in-doubt");
    const client::Conversation& followed = *meeting.conversation(first);
    protocol::Bundle next{};
    next.log = meeting.log;
    next.epoch = {followed.group.epoch().value};
    next.commit = to_bytes("nothing");
    {
        attacks::FakeLog fake(*meeting.town, meeting.log);
        fake.entries.push_back(by_nobody(
            envelope::rights_of(followed.group).bundle_key, next, meeting.town->random()));
        fake.show_to({victim});
        CHECK(meeting.try_to_say(victim, "et moi ?").rule == "commit-in-doubt");
        meeting.town->its_operator().be_honest();
    }
    CHECK_FALSE(std::ranges::contains(meeting.gaps(victim), "left-behind"));
}
