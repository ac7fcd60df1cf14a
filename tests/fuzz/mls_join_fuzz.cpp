// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Somebody joins, and it is a hostile member who lets her in. Encryption, signatures and hashes
// stop a fuzzer's bytes long before the rules do, so this target makes those itself: its input is
// what stands inside of them (mls_invitation.h). The first byte says by which way one joins.
//
// A group that was joined must be one that can be stored, spoken in and committed to.
#include "base/slab.h"
#include "tests/fuzz/mls_inviter.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace cercle;
using namespace cercle::mls;
using fuzz::Invitation;
using fuzz::must_hold;

const Inviter& inviter() {
    static const Inviter inviter;
    return inviter;
}

/// What every member can do, in a group that she got into.
void live_in(Result<Group> joined) {
    if (!joined) return;
    const crypto::SigningKey& key = inviter().pair.chloe_key;
    vectors::SeededRandom random{4};
    const Saved saved = joined->save();
    const auto again = Group::load(saved.public_part, saved.secret_part, key);
    must_hold(again.has_value());
    const Saved twice = again->save();
    must_hold(twice.public_part == saved.public_part && twice.secret_part == saved.secret_part);
    must_hold(joined->member(joined->own_index())->signature_key == key.public_key());
    static_cast<void>(joined->protect(view_of("text"), {}, 0, random));
    auto staged = joined->stage_commit({}, {}, random);
    if (staged) must_hold(joined->merge(*std::move(staged)).has_value());
}

void from_outside(const Inviter::Made& made) {
    vectors::SeededRandom random{5};
    const auto info = VerifiedGroupInfo::from_message(
        codec::encode(MlsMessage{made.info}), inviter().around(), made.tree_beside);
    if (!info) return;
    const Profile chloe{basic_credential(view_of("c")), {}, {}};
    auto joined = Group::join_externally(*info, inviter().pair.chloe_key, chloe, {}, random);
    if (joined) live_in(std::move(joined->group));
}

void join(std::uint8_t way, BytesView bytes) {
    const Pair& pair = inviter().pair;
    const Surroundings around = inviter().around();
    if (way == 0) return live_in(Group::join(bytes, pair.chloe_package, pair.chloe_key, around));
    const auto invitation = codec::decode<Invitation>(bytes);
    if (!invitation) return;
    const auto made = inviter().make(*invitation);
    if (!made) return;
    if (way == 3) return from_outside(*made);
    const Bytes welcome = inviter().seal(*made, invitation->group_secrets);
    const auto& beside = made->tree_beside;
    if (way == 1) {
        live_in(Group::join(welcome, pair.chloe_package, pair.chloe_key, around, beside));
    } else {
        live_in(pair.boris.follow(welcome, pair.chloe_package, pair.chloe_key, around, beside));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static_cast<void>(inviter());
    const std::size_t before = slab::in_use();
    if (size > 0 && data[0] <= 3) join(data[0], BytesView(data, size).subspan(1));
    must_hold(slab::in_use() == before);
    return 0;
}
