// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/extension.h"

#include <algorithm>

namespace cercle::mls {

const Extension* find_extension(const Extensions& extensions, ExtensionType type) {
    const auto found = std::ranges::find(extensions, type, &Extension::type);
    return found == extensions.end() ? nullptr : &*found;
}

Result<void> check_unique(const Extensions& extensions) {
    std::vector<ExtensionType> types;
    types.reserve(extensions.size());
    for (const Extension& extension : extensions)
        types.push_back(extension.type);
    std::ranges::sort(types);
    if (std::ranges::adjacent_find(types) != types.end()) {
        return fail(Code::extension_repeated, "two extensions of one type");
    }
    return {};
}

bool is_default(ExtensionType type) {
    return type >= ExtensionType::ApplicationId && type <= ExtensionType::ExternalSenders;
}

bool is_default(ProposalType type) {
    return type >= ProposalType::Add && type <= ProposalType::GroupContextExtensions;
}

bool Capabilities::supports(ProtocolVersion version) const {
    return std::ranges::contains(versions, version);
}

bool Capabilities::supports(SuiteId suite) const {
    return std::ranges::contains(suites, suite);
}

bool Capabilities::supports(ExtensionType type) const {
    return is_default(type) || std::ranges::contains(extensions, type);
}

bool Capabilities::supports(ProposalType type) const {
    return is_default(type) || std::ranges::contains(proposals, type);
}

bool Capabilities::supports(CredentialType type) const {
    return std::ranges::contains(credentials, type);
}

Capabilities own_capabilities(const std::vector<ExtensionType>& understood) {
    Capabilities capabilities;
    capabilities.versions = {ProtocolVersion::Mls10};
    for (const Suite& suite : all_suites())
        capabilities.suites.push_back(suite.id);
    for (const ExtensionType type : understood) {
        if (!capabilities.supports(type)) capabilities.extensions.push_back(type);
    }
    capabilities.credentials = {CredentialType::Basic, CredentialType::X509};
    return capabilities;
}

Extension required_capabilities(const RequiredCapabilities& required) {
    return {ExtensionType::RequiredCapabilities, codec::encode(required)};
}

Extension external_senders(const std::vector<ExternalSender>& senders) {
    return {ExtensionType::ExternalSenders, codec::encode(senders)};
}

Result<std::vector<ExternalSender>> external_senders_of(const Extensions& context) {
    const Extension* const found = find_extension(context, ExtensionType::ExternalSenders);
    if (found == nullptr) return std::vector<ExternalSender>{};
    return codec::decode<std::vector<ExternalSender>>(found->data);
}

Result<void> judge_external_senders(const Extensions& before,
                                    const Extensions& after,
                                    const CredentialJudge& judge) {
    TRY(const auto senders, external_senders_of(after));
    TRY(const auto known, external_senders_of(before));
    for (const ExternalSender& sender : senders) {
        if (std::ranges::contains(known, sender)) continue;
        TRY_VOID(judge.judge(sender.credential, sender.signature_key));
    }
    return {};
}

Extension application_id(BytesView id) {
    return {ExtensionType::ApplicationId, codec::encode(to_bytes(id))};
}

Result<std::optional<Bytes>> application_id_of(const Extensions& leaf) {
    const Extension* const found = find_extension(leaf, ExtensionType::ApplicationId);
    if (found == nullptr) return std::optional<Bytes>{};
    TRY(auto id, codec::decode<Bytes>(found->data));
    return std::optional(std::move(id));
}

Result<void> check_fits(const Capabilities& member, const Extensions& context) {
    for (const Extension& extension : context) {
        if (!member.supports(extension.type)) {
            return fail(Code::extension_unsupported,
                        "a member does not support an extension of the group's context");
        }
    }
    const Extension* const found = find_extension(context, ExtensionType::RequiredCapabilities);
    if (found == nullptr) return {};
    TRY(const auto required, codec::decode<RequiredCapabilities>(found->data));
    const auto supported = [&](auto type) { return member.supports(type); };
    if (!std::ranges::all_of(required.extensions, supported) ||
        !std::ranges::all_of(required.proposals, supported) ||
        !std::ranges::all_of(required.credentials, supported)) {
        return fail(Code::required_capabilities, "a member lacks what the group requires");
    }
    return {};
}

}  // namespace cercle::mls
