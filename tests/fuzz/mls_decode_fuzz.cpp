// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Every struct of MLS that a stranger's bytes may reach, and what a vault keeps of a key package.
// The first byte says which. (A tree that arrived is encoded again by way of what it became.)
#include "mls/framing.h"
#include "mls/message_protection.h"
#include "mls/saved_package.h"
#include "mls/tree_validation.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace cercle;
using fuzz::must_hold;

void tree(BytesView bytes) {
    const auto decoded = codec::decode<mls::UncheckedTree>(bytes);
    if (decoded) must_hold(codec::encode(decoded->unchecked()) == to_bytes(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    if (data[0] == 0) static_cast<void>(mls::peek(bytes).has_value());
    if (data[0] == 1) {
        tree(bytes);
        return 0;
    }
    fuzz::round_trip_one_of<mls::MlsMessage,
                            Bytes,  // 1 is the tree's
                            mls::GroupSecrets,
                            mls::AuthenticatedContent,
                            mls::Commit,
                            mls::RequiredCapabilities,
                            mls::GroupInfo,
                            mls::SenderData,
                            mls::SavedPackage,
                            mls::SavedPackageKeys,
                            mls::Leaf,
                            std::vector<mls::ExternalSender>,
                            mls::ReInit,
                            mls::PskId>({data, size});
    return 0;
}
