// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/directory.h"

#include <algorithm>

#include "base/utf8.h"
#include "codec/tls.h"
#include "crypto/hkdf.h"
#include "identity/page_revocations.h"
#include "identity/signed_page.h"

namespace cercle::identity {
namespace {

constexpr std::string_view page_label = "Cercle 1 directory page";

Result<void> check_member(const DirectoryMember& member) {
    const bool role_fits = member.role.empty() || is_name(member.role);
    if (!is_name(member.name) || !role_fits) {
        return fail(Code::invalid_text, "a name with characters that may not stand in a name");
    }
    if (!member.blind.empty() && member.blind.size() != blind_size) {
        return fail(Code::malformed, "a blind of the wrong size");
    }
    return check_sections(member.sections);
}

Result<void> check_sights(const std::vector<Sight>& sights) {
    if (sights.size() > most_sights) return fail(Code::too_many, "too many rules of who sees whom");
    for (const Sight& sight : sights) {
        for (const std::string& word : {sight.one, sight.other}) {
            if (word == nobodys) continue;
            TRY_VOID(check_sections({word}));
        }
    }
    return {};
}

/// Without its dates: what time it is, a relay or a broken clock may say wrongly, and who is away
/// for a year ends nobody's directory.
Result<void> check_device(const DirectoryDevice& device, const Root& root) {
    TRY(const Passport passport, root.recognise(device.certificate));
    if (passport.device != device.device || passport.member != device.member) {
        return fail(Code::certificate_invalid, "a certificate stands beside another device");
    }
    if (device.inbox_secret.size() != 32) {
        return fail(Code::malformed, "an inbox secret of the wrong size");
    }
    return {};
}

/// Gaps are the reader's affair: he may hold what lacks.
Result<void> check_revocations(const std::vector<Revocation>& revocations) {
    RevocationNumber last{0};
    for (const Revocation& one : revocations) {
        TRY_VOID(check_revocation(one));
        if (one.number <= last) {
            return fail(Code::not_canonical, "revocations that do not follow each other");
        }
        last = one.number;
    }
    return {};
}

/// Each is of a device that stands on the page, later than the one before.
Result<void> check_turns(const DirectoryPage& page) {
    auto device = page.devices.begin();
    for (const TurnOfDevice& one : page.turns) {
        device = std::find_if(device, page.devices.end(), [&one](const DirectoryDevice& other) {
            return other.device == one.device;
        });
        if (device == page.devices.end() || one.turn.value == 0) {
            return fail(Code::not_canonical, "turns of no device on the page, or out of order");
        }
        ++device;
    }
    return {};
}

/// What a member's entry says besides, at the end of the page.
struct Detail {
    Bytes blind;
    std::vector<std::string> sections;

    auto fields(this auto& self) { return std::tie(self.blind, self.sections); }
};

std::vector<Detail> details_of(const std::vector<DirectoryMember>& members) {
    std::vector<Detail> details;
    for (const DirectoryMember& one : members)
        details.push_back({one.blind, {one.sections.begin(), one.sections.end()}});
    return details;
}

/// Errors: malformed, not_canonical (sections out of order, or twice).
Result<void> enter_details(std::vector<DirectoryMember>& members, std::vector<Detail> details) {
    if (details.size() != members.size()) {
        return fail(Code::malformed, "details of more or fewer members than a page has");
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        members[i].blind = std::move(details[i].blind);
        auto& sections = members[i].sections;
        for (std::string& section : details[i].sections) {
            if (!sections.empty() && section <= *sections.rbegin()) {
                return fail(Code::not_canonical, "sections that are not in order");
            }
            sections.insert(sections.end(), std::move(section));
        }
    }
    return {};
}

/// One for each member.
std::vector<Portrait> portraits_of(const std::vector<DirectoryMember>& members) {
    std::vector<Portrait> portraits;
    portraits.reserve(members.size());
    for (const DirectoryMember& one : members)
        portraits.push_back(one.portrait);
    return portraits;
}

/// Errors: malformed.
Result<void> enter_portraits(std::vector<DirectoryMember>& members,
                             std::vector<Portrait> portraits) {
    if (portraits.size() != members.size()) {
        return fail(Code::malformed, "pictures of more or fewer members than a page has");
    }
    for (std::size_t i = 0; i < members.size(); ++i)
        members[i].portrait = std::move(portraits[i]);
    return {};
}

}  // namespace

void DirectoryPage::encode_to(codec::Writer& writer) const {
    writer.number(version);
    codec::write(writer, number);
    codec::write(writer, circle_name);
    codec::write(writer, suite);
    codec::write(writer, members);
    codec::write(writer, devices);
    codec::write(writer, revocations);
    codec::write(writer, growth);
    codec::write(writer, policy);
    codec::write(writer, turns);
    codec::write(writer, details_of(members));
    codec::write(writer, sights);
    codec::write(writer, gone);
    codec::write(writer, reader);
    codec::write(writer, move);
    codec::write(writer, portraits_of(members));
}

InboxTurn DirectoryPage::turn_of(DeviceId device) const {
    const auto found = std::ranges::find(turns, device, &TurnOfDevice::device);
    return found == turns.end() ? InboxTurn{} : found->turn;
}

Result<DirectoryPage> DirectoryPage::decode_from(codec::Reader& reader) {
    DirectoryPage page;
    TRY(page.version, reader.number<std::uint8_t>());
    if (page.version != directory_version) {
        return fail(Code::unsupported, "a directory page of another version");
    }
    TRY(page.number, codec::read<PageNumber>(reader));
    TRY(page.circle_name, codec::read<std::string>(reader));
    TRY(page.suite, codec::read<GroupSuite>(reader));
    TRY(page.members, codec::read<std::vector<DirectoryMember>>(reader));
    TRY(page.devices, codec::read<std::vector<DirectoryDevice>>(reader));
    TRY(page.revocations, codec::read<std::vector<Revocation>>(reader));
    TRY(page.growth, codec::read<TransparencyGrowth>(reader));
    TRY(page.policy, codec::read<std::optional<SignedPolicy>>(reader));
    TRY(page.turns, codec::read<std::vector<TurnOfDevice>>(reader));
    TRY(auto details, codec::read<std::vector<Detail>>(reader));
    TRY_VOID(enter_details(page.members, std::move(details)));
    TRY(page.sights, codec::read<std::vector<Sight>>(reader));
    TRY(page.gone, codec::read<std::vector<MemberId>>(reader));
    TRY(page.reader, codec::read<std::optional<DeviceId>>(reader));
    TRY(page.move, codec::read<std::optional<Move>>(reader));
    TRY(auto portraits, codec::read<std::vector<Portrait>>(reader));
    TRY_VOID(enter_portraits(page.members, std::move(portraits)));
    return page;
}

std::vector<TransparencyLeaf> leaves_of(const DirectoryPage& page) {
    std::vector<TransparencyLeaf> leaves;
    for (const DirectoryMember& one : page.members)
        leaves.push_back(leaf_of_name(one.member, one.name, one.role, one.blind));
    for (const DirectoryDevice& one : page.devices)
        leaves.push_back(leaf_of_device(one.member, one.device, one.certificate));
    for (const Revocation& one : page.revocations)
        leaves.push_back(leaf_of_loss(one.member, one.device));
    if (page.policy) leaves.push_back(leaf_of_policy(page.policy->policy));
    return leaves;
}

Secret sign_page(const DirectoryPage& page, const Authority& authority) {
    SignedPage signed_page;
    signed_page.page = codec::encode_secret(page);
    signed_page.signature = authority.sign(page_label, signed_page.page.reveal());
    return codec::encode_secret(signed_page);
}

Result<DirectoryPage> open_page(BytesView signed_page, const Root& root, WallTime /*now*/) {
    TRY(const SignedPage both, codec::decode<SignedPage>(signed_page));
    TRY_VOID(root.verify(page_label, both.page.reveal(), both.signature));
    TRY(DirectoryPage page, codec::decode<DirectoryPage>(both.page.reveal()));
    for (const DirectoryMember& member : page.members)
        TRY_VOID(check_member(member));
    for (const DirectoryDevice& device : page.devices)
        TRY_VOID(check_device(device, root));
    TRY_VOID(check_revocations(page.revocations));
    if (page.policy) TRY_VOID(verify_policy(*page.policy, root));
    TRY_VOID(check_turns(page));
    TRY_VOID(check_sights(page.sights));
    return page;
}

Result<std::vector<Revocation>> revocations_on(BytesView signed_page, const Root& root) {
    TRY(const SignedPage both, codec::decode<SignedPage>(signed_page));
    TRY_VOID(root.verify(page_label, both.page.reveal(), both.signature));
    TRY(DirectoryPage page, codec::decode<DirectoryPage>(both.page.reveal()));
    std::erase_if(page.revocations,
                  [](const Revocation& one) { return !check_revocation(one).has_value(); });
    return std::move(page.revocations);
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
