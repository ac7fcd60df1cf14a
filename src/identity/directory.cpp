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
    const bool first = suite == suite_of_version_1;
    writer.number(first ? std::uint8_t{1} : directory_version);
    codec::write(writer, number);
    codec::write(writer, circle_name);
    if (!first) codec::write(writer, suite);
    codec::write(writer, members);
    codec::write(writer, devices);
}

Result<DirectoryPage> DirectoryPage::decode_from(codec::Reader& reader) {
    TRY(const auto version, reader.number<std::uint8_t>());
    if (version < 1 || version > directory_version) {
        return fail(Code::unsupported, "a directory page of another version");
    }
    DirectoryPage page;
    TRY(page.number, codec::read<PageNumber>(reader));
    TRY(page.circle_name, codec::read<std::string>(reader));
    if (version >= 2) {
        TRY(page.suite, codec::read<GroupSuite>(reader));
        if (page.suite == suite_of_version_1) {
            return fail(Code::not_canonical, "a directory page of a later version than it needs");
        }
    }
    TRY(page.members, codec::read<std::vector<DirectoryMember>>(reader));
    TRY(page.devices, codec::read<std::vector<DirectoryDevice>>(reader));
    return page;
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
    return page;
}

InboxKeys inbox_keys(const Secret& inbox_secret) {
    const auto derive = [&](std::string_view label) {
        return crypto::hkdf_expand(
            crypto::HashAlgorithm::Sha256, inbox_secret.reveal(), view_of(label), 32);
    };
    return {derive("Cercle 1 inbox deposit"), derive("Cercle 1 inbox closing")};
}

}  // namespace cercle::identity
