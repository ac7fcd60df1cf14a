// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/forge/opened.h"
#include "mls/outside.h"
#include "tests/fuzz/mls_pair.h"
#include "tests/fuzz/seeds.h"

namespace cercle::fuzz {
namespace {

using namespace mls;

Bytes key_package_message(const KeyPackageBundle& bundle) {
    return bundle.message();
}

/// Of Anna's, who adds Chloé.
StagedCommit welcoming(Pair& pair) {
    Intents intents;
    intents.adds.push_back(pair.verified(pair.chloe_package));
    return must(pair.anna.stage_commit(intents, {}, pair.random));
}

/// What a live group meets: mls_group_fuzz.cpp.
void add_group(Seeds& seeds) {
    Pair pair;
    const auto add = [&seeds](std::string name, std::uint8_t which, BytesView bytes) {
        seeds.push_back({"mls_group", std::move(name), numbered(which, bytes)});
    };
    const StagedCommit adding = welcoming(pair);
    add("application",
        0,
        must(pair.anna.protect(view_of("text"), view_of("seen"), 3, pair.random)));
    add("commit", 0, must(pair.anna.stage_commit({}, {}, pair.random)).commit);
    add("commit_add", 0, adding.commit);
    add("remove", 0, must(pair.anna.propose_remove({1}, {}, pair.random)));
    add("update", 0, must(pair.anna.propose_update({}, {}, pair.random)));
    add("welcome", 1, adding.welcome);
    add("key_package", 2, key_package_message(pair.chloe_package));
    const Pair again;
    const Saved stored = again.boris.save();
    add("stored_public", 3, stored.public_part);
    add("stored_secret", 4, stored.secret_part.reveal());
    const Saved staged = again.a_commit().save();
    add("staged_public", 5, staged.public_part);
    add("staged_secret", 6, staged.secret_part.reveal());
    const Saved package = again.chloe_package.save();
    add("package_public", 7, package.public_part);
    add("package_secret", 8, package.secret_part.reveal());
}

/// The same from outside of the group, and a group that follows from it.
void add_outside(Seeds& seeds) {
    Pair pair;
    const auto add = [&seeds](std::string name, std::uint8_t which, BytesView bytes) {
        seeds.push_back({"mls_group", std::move(name), numbered(which, bytes)});
    };
    const Bytes info = must(pair.anna.group_info());
    const auto seen = must(VerifiedGroupInfo::from_message(info, pair.around()));
    const Profile chloe{basic_credential(view_of("c")), {}, {}};
    add("group_info", 9, info);
    add("external_commit",
        0,
        must(Group::join_externally(seen, pair.chloe_key, chloe, {}, pair.random)).commit);
    add("external_add",
        0,
        must(ask_to_be_added(
            {seen.group_id(), seen.epoch()}, pair.chloe_package.package(), pair.chloe_key, {})));
    Intents closing;
    closing.reinit = ReInit{to_bytes("n"), ProtocolVersion::Mls10, pair.suite.id, {}};
    add("reinit", 0, must(pair.anna.stage_commit(closing, {}, pair.random)).commit);
    // Chloé was never in the group, so her following ends where members are compared.
    auto founded =
        must(Group::create(pair.suite, view_of("x"), pair.anna_key, chloe, {}, pair.random));
    Intents branching;
    branching.adds.push_back(pair.verified(pair.chloe_package));
    add("elsewhere", 10, must(founded.stage_commit(branching, {}, pair.random)).welcome);
}

/// Structs alone: mls_decode_fuzz.cpp.
void add_structs(Seeds& seeds) {
    Pair pair;
    const auto add = [&seeds](std::string name, std::uint8_t which, const auto& value) {
        seeds.push_back({"mls_decode", std::move(name), numbered(which, value)});
    };
    Forge anna = Forge::of(pair.anna, pair.anna_key);
    const VerifiedContent proposal = anna.sign(Proposal{Remove{{1}}}, WireFormat::PublicMessage);
    const StagedCommit adding = welcoming(pair);
    const auto opened = OpenedWelcome::open(pair.suite, pair.chloe_package, adding.welcome);
    add("private_message", 0, must(pair.anna.protect(view_of("text"), {}, 3, pair.random)));
    add("public_message_proposal", 0, anna.open(proposal));
    add("public_message_application",
        0,
        anna.open(anna.sign(to_bytes("text"), WireFormat::PublicMessage)));
    add("public_message_commit",
        0,
        anna.open(anna.bare_commit({Proposal{GroupContextExtensions{}}, Proposal{Remove{{1}}}})));
    add("mls_welcome", 0, adding.welcome);
    add("mls_group_info", 0, MlsMessage{GroupInfo(opened.info)});
    add("mls_key_package", 0, key_package_message(pair.chloe_package));
    add("ratchet_tree", 1, anna.state.tree);
    add("group_secrets", 2, opened.group_secrets.reveal());
    add("authenticated_content", 3, proposal.authenticated());
    const auto path = OpenedMessage::open(Forge::of(pair.boris, pair.boris_key),
                                          must(pair.anna.stage_commit({}, {}, pair.random)).commit);
    add("commit", 4, std::get<Commit>(path.content));
    add("required_capabilities", 5, RequiredCapabilities{});
    add("group_info", 6, GroupInfo(opened.info));
    add("sender_data", 7, SenderData{{1}, 7, {1, 2, 3, 4}});
    const Saved package = pair.chloe_package.save();
    add("saved_package", 8, package.public_part);
    add("saved_package_keys", 9, package.secret_part.reveal());
    add("external_senders",
        11,
        std::vector<ExternalSender>{{pair.anna_key.public_key(), basic_credential(view_of("o"))}});
    add("reinit", 12, ReInit{to_bytes("n"), ProtocolVersion::Mls10, pair.suite.id, {}});
    add("psk_external", 13, external_psk_id(view_of("shared")));
    add("psk_resumption", 13, resumption_psk_id(view_of("g"), {7}));
}

}  // namespace

void add_mls(Seeds& seeds) {
    add_group(seeds);
    add_outside(seeds);
    add_structs(seeds);
}

}  // namespace cercle::fuzz
