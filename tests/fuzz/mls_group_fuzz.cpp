// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A live group meets a stranger's bytes: as a message (from outside of the group, too), a Welcome,
// a key package, a GroupInfo, a stored state. A message that is refused must have changed nothing.
// The first byte says which.
#include "tests/fuzz/mls_pair.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cercle;
    using namespace cercle::mls;
    static const Pair pair;
    static const Saved saved = pair.boris.save();
    static const Saved staged = pair.a_commit().save();
    static const Saved package = pair.chloe_package.save();
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    switch (data[0]) {
        case 0: {
            Group group =
                must(mls::Group::load(saved.public_part, saved.secret_part, pair.boris_key));
            if (group.receive(bytes, pair.around())) break;
            const Saved after = group.save();
            if (after.public_part != saved.public_part) std::abort();
            if (after.secret_part != saved.secret_part) std::abort();
            break;
        }
        case 1:
            static_cast<void>(
                Group::join(bytes, pair.chloe_package, pair.chloe_key, pair.around()));
            break;
        case 2:
            static_cast<void>(mls::VerifiedKeyPackage::from_message(bytes, pair.around()));
            break;
        case 3:
            static_cast<void>(mls::Group::load(bytes, saved.secret_part, pair.boris_key));
            break;
        case 4:
            static_cast<void>(
                mls::Group::load(saved.public_part, Secret::copy_of(bytes), pair.boris_key));
            break;
        case 5:
            static_cast<void>(mls::StagedCommit::load(bytes, staged.secret_part));
            break;
        case 6:
            static_cast<void>(mls::StagedCommit::load(staged.public_part, Secret::copy_of(bytes)));
            break;
        case 7:
            static_cast<void>(mls::KeyPackageBundle::load(bytes, package.secret_part));
            break;
        case 8:
            static_cast<void>(
                mls::KeyPackageBundle::load(package.public_part, Secret::copy_of(bytes)));
            break;
        case 9:
            static_cast<void>(mls::VerifiedGroupInfo::from_message(bytes, pair.around()));
            break;
        case 10:
            static_cast<void>(
                pair.boris.follow(bytes, pair.chloe_package, pair.chloe_key, pair.around()));
            break;
        default:
            break;
    }
    return 0;
}
