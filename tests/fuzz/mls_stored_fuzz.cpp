// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a vault gives back is not what was put there. It is refused, or it is a value like any
// other: it encodes to the same bytes, meets genuine messages without ending the process, and is
// stored again. The first byte says what it is: a group, a staged commit, a key package.
#include <algorithm>
#include <initializer_list>

#include "base/slab.h"
#include "tests/fuzz/mls_stored.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace cercle;
using namespace cercle::mls;
using fuzz::must_hold;

const InTheMiddle& scene() {
    static const InTheMiddle scene;
    return scene;
}

/// `keys`: those with which the group may have to be loaded after what it heard.
void live_on(Group group, std::initializer_list<const crypto::SigningKey*> keys) {
    vectors::SeededRandom random(6);
    for (const Bytes& message : scene().to_come)
        static_cast<void>(scene().hear(group, message));
    static_cast<void>(group.roster());
    static_cast<void>(group.resumption_psk(group.epoch()));
    static_cast<void>(group.group_info());
    static_cast<void>(group.protect(view_of("text"), {}, 3, random));
    static_cast<void>(group.propose_update({}, {}, random));
    auto staged = group.stage_commit({}, {}, random);
    if (staged) must_hold(group.merge(*std::move(staged)).has_value());
    const Saved saved = group.save();
    must_hold(std::ranges::any_of(keys, [&](const auto* key) {
        return Group::load(saved.public_part, saved.secret_part, *key).has_value();
    }));
}

void group(const Stored& stored) {
    auto loaded =
        mls::Group::load(stored.open, Secret::copy_of(stored.secret), scene().pair.boris_key);
    if (!loaded) return;
    must_hold(stored.is(loaded->save()));
    live_on(*std::move(loaded), {&scene().pair.boris_key, &scene().next_key});
}

void staged_commit(const Stored& stored) {
    auto loaded = mls::StagedCommit::load(stored.open, Secret::copy_of(stored.secret));
    if (!loaded) return;
    must_hold(stored.is(loaded->save()));
    Group boris = scene().load_boris();
    boris.spend_key_of(*loaded);
    if (!boris.merge(*std::move(loaded))) return;
    live_on(std::move(boris), {&scene().pair.boris_key, &scene().next_key});
}

void key_package(const Stored& stored) {
    const auto loaded = mls::KeyPackageBundle::load(stored.open, Secret::copy_of(stored.secret));
    if (!loaded) return;
    must_hold(stored.is(loaded->save()));
    const Pair& pair = scene().pair;
    auto joined = Group::join(scene().welcome, *loaded, pair.chloe_key, pair.around());
    if (joined) live_on(*std::move(joined), {&pair.chloe_key});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static_cast<void>(scene());
    const std::size_t before = slab::in_use();
    if (size == 0) return 0;
    if (const auto stored = codec::decode<Stored>(BytesView(data, size).subspan(1))) {
        if (data[0] == 0) group(*stored);
        if (data[0] == 1) staged_commit(*stored);
        if (data[0] == 2) key_package(*stored);
    }
    must_hold(slab::in_use() == before);
    return 0;
}
