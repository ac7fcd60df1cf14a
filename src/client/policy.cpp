// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/policy.h"

#include "base/utf8.h"
#include "codec/tls.h"

namespace cercle::client {

mls::Surroundings surroundings(const mls::CredentialJudge& judge, WallTime now) {
    return {.judge = judge, .now = now, .openness = openness, .longest_lifetime = longest_lifetime};
}

Result<const mls::Suite*> suite_of(identity::GroupSuite policy) {
    return mls::find_suite(mls::SuiteId{policy.value});
}

mls::Extensions policy_context(const Policy& policy) {
    return {{policy_extension, codec::encode(policy)}};
}

Result<Policy> policy_of(const mls::Extensions& context) {
    const auto* extension = mls::find_extension(context, policy_extension);
    if (extension == nullptr) {
        return fail(Code::policy_missing, "a conversation that does not say what it is");
    }
    TRY(Policy policy, codec::decode<Policy>(extension->data));
    if (policy.version != 1 || policy.kind > ConversationKind::Group) {
        return fail(Code::unsupported, "a conversation of a later version");
    }
    if (policy.kind == ConversationKind::Group && !is_name(policy.name)) {
        return fail(Code::invalid_text, "a conversation's name may not stand as one");
    }
    return policy;
}

mls::Profile leaf_profile(const mls::Credential& credential, const protocol::ReaderKey& reader) {
    return {credential, {{reader_extension, to_bytes(reader.view())}}, {policy_extension}};
}

Result<protocol::ReaderKey> reader_of(const mls::Member& member) {
    const auto* extension = mls::find_extension(member.leaf_extensions, reader_extension);
    const auto key =
        extension == nullptr ? std::nullopt : protocol::ReaderKey::from(extension->data);
    if (!key) return fail(Code::policy_missing, "a member without a reader key");
    return *key;
}

Result<std::vector<protocol::ReaderKey>> readers_of(const std::vector<mls::Member>& members) {
    std::vector<protocol::ReaderKey> readers;
    for (const mls::Member& member : members) {
        TRY(const auto reader, reader_of(member));
        readers.push_back(reader);
    }
    return readers;
}

}  // namespace cercle::client
