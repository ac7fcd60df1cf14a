// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What mls_join_fuzz.cpp and mls_stored_fuzz.cpp begin with.
#include "mls/forge/opened.h"
#include "tests/fuzz/mls_inviter.h"
#include "tests/fuzz/mls_stored.h"
#include "tests/fuzz/seeds.h"

namespace cercle::fuzz {
namespace {

using namespace mls;

/// What Chloé finds in a Welcome.
Invitation taken_apart(const Pair& pair, BytesView welcome) {
    const auto opened = OpenedWelcome::open(pair.suite, pair.chloe_package, welcome);
    const Extension* const tree =
        find_extension(opened.info.extensions, ExtensionType::RatchetTree);
    return {0,
            to_bytes(opened.group_secrets.reveal()),
            codec::encode(opened.info),
            tree == nullptr ? Bytes{} : tree->data};
}

Intents adding_chloe(const Pair& pair) {
    Intents intents;
    intents.adds.push_back(pair.verified(pair.chloe_package));
    return intents;
}

Invitation with_psk(Invitation invitation, PskId psk) {
    auto secrets = must(codec::decode<GroupSecrets>(invitation.group_secrets));
    psk.nonce = Bytes(32, 1);
    secrets.psks.push_back(std::move(psk));
    invitation.group_secrets = to_bytes(codec::encode_secret(secrets).reveal());
    return invitation;
}

Invitation in_its_first_epoch(Invitation invitation, std::string_view group_id) {
    GroupInfoFields info = *must(codec::decode<GroupInfo>(invitation.group_info));
    info.context.group_id = to_bytes(group_id);
    info.context.epoch = {1};
    invitation.group_info = codec::encode(info);
    return invitation;
}

/// A seed that a rule stops would not show what is behind the last of them.
void must_let_in(std::uint8_t way, const Invitation& invitation) {
    const Inviter inviter;
    const Pair& pair = inviter.pair;
    const auto made = inviter.make(invitation);
    must(made.has_value());
    if (way == 3) {
        must(VerifiedGroupInfo::from_message(codec::encode(MlsMessage{made->info}), pair.around()));
        return;
    }
    const Bytes welcome = inviter.seal(*made, invitation.group_secrets);
    must(way == 1
             ? Group::join(
                   welcome, pair.chloe_package, pair.chloe_key, inviter.around(), made->tree_beside)
             : pair.boris.follow(welcome, pair.chloe_package, pair.chloe_key, inviter.around()));
}

void add_welcomes(Seeds& seeds) {
    const auto add = [&seeds](std::string name, std::uint8_t way, const Invitation& invitation) {
        must_let_in(way, invitation);
        seeds.push_back({"mls_join", std::move(name), numbered(way, invitation)});
    };
    Pair pair;
    const Bytes whole = must(pair.anna.stage_commit(adding_chloe(pair), {}, pair.random)).welcome;
    seeds.push_back({"mls_join", "welcome", numbered(0, whole)});
    const Invitation invitation = taken_apart(pair, whole);
    add("with_path", 1, invitation);
    Invitation genuine = invitation;
    genuine.kept = 0xf;
    add("as_it_came", 1, genuine);
    Invitation beside = invitation;
    beside.kept = Invitation::TreeBeside;
    add("tree_beside", 1, beside);

    Intents bare = adding_chloe(pair);
    bare.path = Intents::Path::WhenRequired;
    const Invitation bare_one =
        taken_apart(pair, must(pair.anna.stage_commit(bare, {}, pair.random)).welcome);
    add("without_path", 1, bare_one);

    add("with_psk", 1, with_psk(bare_one, external_psk_id(view_of("shared"))));

    PskId tie = resumption_psk_id(pair.boris.group_id(), pair.boris.epoch());
    tie.usage = ResumptionUsage::Branch;
    add("branch", 2, in_its_first_epoch(with_psk(bare_one, tie), "x"));

    const auto seen = must(codec::decode<MlsMessage>(must(pair.anna.group_info())));
    add("from_outside",
        3,
        {0,
         invitation.group_secrets,
         std::get<GroupInfo>(seen.content).bytes(),
         pair.anna.ratchet_tree()});
}

void add_stored(Seeds& seeds) {
    const InTheMiddle scene;
    const auto add = [&seeds](std::string name, std::uint8_t which, const Stored& stored) {
        seeds.push_back({"mls_stored", std::move(name), numbered(which, stored)});
    };
    add("group", 0, scene.boris);
    add("staged_commit", 1, scene.boris_commit);
    add("key_package", 2, scene.chloe_package);
    const Pair pair;
    add("fresh_group", 0, Stored::of(pair.boris.save()));
}

}  // namespace

void add_mls_joining(Seeds& seeds) {
    add_welcomes(seeds);
    add_stored(seeds);
}

}  // namespace cercle::fuzz
