// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/transparency.h"

#include <string_view>

namespace cercle::identity {
namespace {

constexpr std::string_view subject_label = "Cercle 1 subject     ";
constexpr std::string_view certified_label = "Cercle 1 certified   ";
constexpr std::string_view named_label = "Cercle 1 named       ";
constexpr std::string_view leaf_label = "Cercle 1 transparency";

}  // namespace

crypto::Digest subject_of(MemberId member) {
    return crypto::sha256({view_of(subject_label), member.view()});
}

TransparencyLeaf leaf_of(const DirectoryDevice& device) {
    const auto certificate = crypto::sha256(device.certificate);
    return {subject_of(device.member),
            crypto::sha256({view_of(certified_label),
                            device.member.view(),
                            device.device.view(),
                            certificate})};
}

TransparencyLeaf leaf_of(const DirectoryMember& member) {
    return {subject_of(member.member),
            crypto::sha256({view_of(named_label), codec::encode(member)})};
}

merkle::Hash hash_of(const TransparencyLeaf& leaf) {
    Bytes entry = to_bytes(view_of(leaf_label));
    append(entry, codec::encode(leaf));
    return merkle::leaf_hash(entry);
}

Result<void> TransparencyGrowth::check() const {
    const std::uint64_t count = leaves.size();
    if (head.size.value >= count && head.size.value - count == first.value) return {};
    return fail(Code::malformed, "leaves of the transparency log that do not end at its head");
}

std::vector<TransparencyLeaf> leaves_of(const DirectoryPage& page) {
    std::vector<TransparencyLeaf> leaves;
    for (const DirectoryMember& member : page.members)
        leaves.push_back(leaf_of(member));
    for (const DirectoryDevice& device : page.devices)
        leaves.push_back(leaf_of(device));
    return leaves;
}

}  // namespace cercle::identity
