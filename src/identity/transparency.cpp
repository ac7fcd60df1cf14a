// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/transparency.h"

namespace cercle::identity {
namespace {

constexpr std::string_view subject_label = "Cercle 1 subject     ";
constexpr std::string_view certified_label = "Cercle 1 certified   ";
constexpr std::string_view named_label = "Cercle 1 named       ";
constexpr std::string_view blindly_named_label = "Cercle 1 named blind ";
constexpr std::string_view lost_label = "Cercle 1 lost        ";
constexpr std::string_view policy_label = "Cercle 1 policy      ";
constexpr std::string_view leaf_label = "Cercle 1 transparency";

}  // namespace

crypto::Digest subject_of(MemberId member) {
    return crypto::sha256({view_of(subject_label), member.view()});
}

TransparencyLeaf leaf_of_device(MemberId member, DeviceId device, BytesView certificate) {
    const auto hash = crypto::sha256(certificate);
    return {subject_of(member),
            crypto::sha256({view_of(certified_label), member.view(), device.view(), hash})};
}

TransparencyLeaf leaf_of_name(MemberId member,
                              std::string_view name,
                              std::string_view role,
                              BytesView blind) {
    codec::Writer writer;
    writer.opaque(view_of(name));
    writer.opaque(view_of(role));
    const Bytes both = std::move(writer).take();
    if (blind.empty()) {
        return {subject_of(member), crypto::sha256({view_of(named_label), member.view(), both})};
    }
    return {subject_of(member),
            crypto::sha256({view_of(blindly_named_label), member.view(), blind, both})};
}

TransparencyLeaf leaf_of_loss(MemberId member, DeviceId device) {
    return {subject_of(member),
            crypto::sha256({view_of(lost_label), member.view(), device.view()})};
}

TransparencyLeaf leaf_of_policy(BytesView policy) {
    const auto hash = crypto::sha256(policy);
    return {crypto::sha256(view_of(policy_label)), crypto::sha256({view_of(policy_label), hash})};
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

}  // namespace cercle::identity
