// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/directory.h"

#include "base/utf8.h"
#include "codec/tls.h"
#include "crypto/hkdf.h"
#include "identity/signed_page.h"

namespace cercle::identity {
namespace {

constexpr std::string_view page_label = "Cercle 1 directory page";

Result<void> check_member(const DirectoryMember& member) {
    const bool role_fits = member.role.empty() || is_name(member.role);
    if (!is_name(member.name) || !role_fits) {
        return fail(Code::invalid_text, "a name with characters that may not stand in a name");
    }
    return {};
}

Result<void> check_device(const DirectoryDevice& device, const Root& root, WallTime now) {
    TRY(const Passport passport, root.judge(device.certificate, now));
    if (passport.device != device.device || passport.member != device.member) {
        return fail(Code::certificate_invalid, "a certificate stands beside another device");
    }
    if (device.inbox_secret.size() != 32) {
        return fail(Code::malformed, "an inbox secret of the wrong size");
    }
    return {};
}

}  // namespace

void DirectoryPage::encode_to(codec::Writer& writer) const {
    writer.number(version);
    codec::write(writer, number);
    codec::write(writer, circle_name);
    if (version >= 2) codec::write(writer, suite);
    codec::write(writer, members);
    codec::write(writer, devices);
    if (version < 3) return;
    codec::write(writer, revocations);
    codec::write(writer, growth);
}

Result<DirectoryPage> DirectoryPage::decode_from(codec::Reader& reader) {
    DirectoryPage page;
    TRY(page.version, reader.number<std::uint8_t>());
    if (page.version < 1 || page.version > directory_version) {
        return fail(Code::unsupported, "a directory page of another version");
    }
    TRY(page.number, codec::read<PageNumber>(reader));
    TRY(page.circle_name, codec::read<std::string>(reader));
    if (page.version >= 2) {
        TRY(page.suite, codec::read<GroupSuite>(reader));
    }
    if (page.version == 2 && page.suite == suite_of_version_1) {
        return fail(Code::not_canonical, "a directory page of a later version than it needs");
    }
    TRY(page.members, codec::read<std::vector<DirectoryMember>>(reader));
    TRY(page.devices, codec::read<std::vector<DirectoryDevice>>(reader));
    if (page.version >= 3) {
        TRY(page.revocations, codec::read<std::vector<SignedRevocation>>(reader));
        TRY(page.growth, codec::read<TransparencyGrowth>(reader));
    }
    return page;
}

Result<std::vector<TransparencyLeaf>> leaves_of(const DirectoryPage& page) {
    std::vector<TransparencyLeaf> leaves;
    for (const DirectoryMember& one : page.members)
        leaves.push_back(leaf_of_name(one.member, one.name, one.role));
    for (const DirectoryDevice& one : page.devices)
        leaves.push_back(leaf_of_device(one.member, one.device, one.certificate));
    for (const SignedRevocation& one : page.revocations) {
        TRY(const auto revocation, codec::decode<Revocation>(one.revocation));
        leaves.push_back(leaf_of_loss(revocation.member, revocation.device));
    }
    return leaves;
}

Secret sign_page(const DirectoryPage& page, const Authority& authority) {
    SignedPage signed_page;
    signed_page.page = codec::encode_secret(page);
    signed_page.signature = authority.sign(page_label, signed_page.page.reveal());
    return codec::encode_secret(signed_page);
}

Result<DirectoryPage> open_page(BytesView signed_page, const Root& root, WallTime now) {
    TRY(const SignedPage both, codec::decode<SignedPage>(signed_page));
    TRY_VOID(root.verify(page_label, both.page.reveal(), both.signature));
    TRY(DirectoryPage page, codec::decode<DirectoryPage>(both.page.reveal()));
    for (const DirectoryMember& member : page.members)
        TRY_VOID(check_member(member));
    for (const DirectoryDevice& device : page.devices)
        TRY_VOID(check_device(device, root, now));
    TRY_VOID(check_revocations(page.revocations, root));
    return page;
}

Result<PageHead> head_of_page(BytesView signed_page, const Root& root) {
    TRY(const SignedPage both, codec::decode<SignedPage>(signed_page));
    TRY_VOID(root.verify(page_label, both.page.reveal(), both.signature));
    TRY(const DirectoryPage page, codec::decode<DirectoryPage>(both.page.reveal()));
    return PageHead{page.number, page.growth.head};
}

Result<void> check_revocations(const std::vector<SignedRevocation>& revocations, const Root& root) {
    RevocationNumber last{0};
    for (const SignedRevocation& one : revocations) {
        TRY(const Revocation revocation, open_revocation(one, root));
        if (revocation.number <= last) {
            return fail(Code::not_canonical, "revocations that do not follow each other");
        }
        last = revocation.number;
    }
    return {};
}

InboxKeys inbox_keys(const Secret& inbox_secret) {
    const auto derive = [&](std::string_view label) {
        return crypto::hkdf_expand(
            crypto::HashAlgorithm::Sha256, inbox_secret.reveal(), view_of(label), 32);
    };
    return {derive("Cercle 1 inbox deposit"), derive("Cercle 1 inbox closing")};
}

}  // namespace cercle::identity
