// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What somebody outside of a group shows to it, and it to him (RFC 9420 sections 12.1.8 and
// 12.4.3.2).

#include "mls/forge/outsider.h"
#include "mls/outside.h"
#include "tests/must.h"
#include "tests/tampering/proof.h"

namespace {

using namespace cercle;
using namespace cercle::mls;
using namespace cercle::tampering;

/// A group that listens, and Denise at its door.
struct Gate {
    Circle circle{};
    Person denise = Person::called(circle.suite, "Denise", circle.random);
    Saved before = begun();

    Group& anna() { return circle.groups[0]; }

    Saved begun() {
        circle.openness = whole_rfc;
        circle.found("Anna");
        Intents intents;
        intents.context_extensions = Extensions{
            {policy, {}}, external_senders({{denise.key.public_key(), denise.profile.credential}})};
        must(anna().merge(circle.commit(0, intents)));
        return anna().save();
    }

    /// What was taken is undone.
    Result<void> show(BytesView message) {
        TRY_VOID(anna().receive(message, circle.around()));
        anna() = must(Group::load(before.public_part, before.secret_part, circle.people[0].key));
        return {};
    }

    [[nodiscard]] GroupPlace place() { return {anna().group_id(), anna().epoch()}; }

    Bytes external_commit() {
        return must(Group::join_externally(
                        circle.seen_from_outside(0), denise.key, denise.profile, {}, circle.random))
            .commit;
    }

    Bytes asking() {
        return must(ask_to_be_added(place(), circle.package_of(denise).package(), denise.key, {}));
    }

    Bytes proposing() {
        return propose_from_outside(
            circle.suite, place(), {0, denise.key}, OutsideRemoval{{0}}, {}, circle.random);
    }
};

/// Of a message that `make` gives: `change` is applied to the field that `which` gives.
template <class Which>
Present field_of_public(Bytes (Gate::*make)(), Which which) {
    auto gate = std::make_shared<Gate>();
    const auto message = must(codec::decode<MlsMessage>((*gate.*make)()));
    return [gate, opened = std::get<PublicMessage>(message.content), which](const Change& change) {
        PublicMessage changed = opened;
        Bytes& field = which(changed.auth);
        field = change(field);
        return gate->show(codec::encode(MlsMessage{std::move(changed)}));
    };
}

Bytes& signature_of(ContentAuth& auth) {
    return auth.signature;
}

Bytes& tag_of(ContentAuth& auth) {
    return *auth.confirmation_tag;
}

const Registration commit_signature{
    {.name = "MLS: the signature of an external commit",
     .labels = {"FramedContentTBS"},
     .judged_in = {"mls/message_protection.cpp"},
     .refusal = Code::message_signature,
     .prepare = [] { return field_of_public(&Gate::external_commit, signature_of); }}};

const Registration commit_tag{
    {.name = "MLS: the confirmation tag of an external commit",
     .labels = {},
     .judged_in = {"mls/group_process.cpp"},
     .refusal = Code::confirmation_tag,
     .prepare = [] { return field_of_public(&Gate::external_commit, tag_of); }}};

const Registration newcomer_signature{
    {.name = "MLS: the signature of who asks to be added",
     .labels = {"FramedContentTBS"},
     .judged_in = {"mls/message_protection.cpp"},
     .refusal = Code::message_signature,
     .prepare = [] { return field_of_public(&Gate::asking, signature_of); }}};

const Registration sender_signature{
    {.name = "MLS: the signature of an external sender",
     .labels = {"FramedContentTBS"},
     .judged_in = {"mls/message_protection.cpp"},
     .refusal = Code::message_signature,
     .prepare = [] { return field_of_public(&Gate::proposing, signature_of); }}};

const Registration group_info{
    {.name = "MLS: the signature of a published GroupInfo",
     .labels = {"GroupInfoTBS"},
     .judged_in = {"mls/welcome.cpp"},
     .refusal = Code::group_info_signature,
     .prepare = []() -> Present {
         auto gate = std::make_shared<Gate>();
         const auto message = must(codec::decode<MlsMessage>(must(gate->anna().group_info())));
         return [gate, info = *std::get<GroupInfo>(message.content)](
                    const Change& change) -> Result<void> {
             GroupInfoFields changed = info;
             changed.signature = change(changed.signature);
             TRY_VOID(VerifiedGroupInfo::from_message(
                 codec::encode(MlsMessage{GroupInfo(std::move(changed))}), gate->circle.around()));
             return {};
         };
     }}};

}  // namespace
