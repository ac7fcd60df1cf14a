// SPDX-License-Identifier: AGPL-3.0-or-later
//
// RFC 9420's signatures, tags and ciphertexts, each changed alone: whatever stands around it is
// made right again (mls/forge), so that only its own check can refuse it.

#include "mls/forge/opened.h"
#include "tests/must.h"
#include "tests/tampering/proof.h"

namespace {

using namespace cercle;
using namespace cercle::mls;
using namespace cercle::tampering;

constexpr auto usual = SuiteId::X25519Aes128Sha256Ed25519;
constexpr auto nist = SuiteId::P256Aes128Sha256P256;

/// Anna and Boris in a group, and Boris as the one who judges.
struct Court {
    Circle circle;
    Saved before;

    explicit Court(SuiteId suite = usual)
        : circle(suite) {
        circle.found("Anna");
        circle.add(0, {"Boris"});
        remember();
    }

    void remember() { before = boris().save(); }

    Group& boris() { return circle.groups[1]; }

    Forge forge(std::size_t who) const {
        return Forge::of(circle.groups[who], circle.people[who].key);
    }

    /// What was taken is undone.
    Result<void> show(BytesView message) {
        TRY_VOID(boris().receive(message, circle.around()));
        boris() = must(Group::load(before.public_part, before.secret_part, circle.people[1].key));
        return {};
    }
};

/// Of a message by Anna: `make` gives it, and `change` is applied to the field that `which` gives.
template <class Which>
Present field_of_private(SuiteId suite, Bytes (*make)(Court&), Which which) {
    auto court = std::make_shared<Court>(suite);
    const Bytes message = make(*court);
    auto forge = std::make_shared<Forge>(court->forge(1));
    auto opened = std::make_shared<OpenedMessage>(OpenedMessage::open(*forge, message));
    return [court, forge, opened, which](const Change& change) {
        ContentAuth changed = opened->auth;
        Bytes& field = which(changed);
        field = change(field);
        return court->show(opened->with_auth(*forge, changed));
    };
}

Bytes& signature_of(ContentAuth& auth) {
    return auth.signature;
}

Bytes& tag_of(ContentAuth& auth) {
    return *auth.confirmation_tag;
}

Bytes a_text(Court& court) {
    return court.circle.say(0, "a text");
}

Bytes a_commit(Court& court) {
    return court.circle.commit(0).commit;
}

const Registration text_signature{
    {.name = "MLS: the signature of a message",
     .labels = {"FramedContentTBS"},
     .judged_in = {"mls/message_protection.cpp", "mls/labels.cpp"},
     .refusal = Code::message_signature,
     .prepare = [] { return field_of_private(usual, a_text, signature_of); }}};

const Registration text_signature_nist{
    {.name = "MLS: the signature of a message, of ECDSA",
     .labels = {"FramedContentTBS"},
     .judged_in = {"mls/message_protection.cpp"},
     .refusal = Code::message_signature,
     .prepare = [] { return field_of_private(nist, a_text, signature_of); }}};

const Registration commit_signature{
    {.name = "MLS: the signature of a commit",
     .labels = {"FramedContentTBS"},
     .judged_in = {"mls/message_protection.cpp"},
     .refusal = Code::message_signature,
     .prepare = [] { return field_of_private(usual, a_commit, signature_of); }}};

const Registration commit_tag{
    {.name = "MLS: the confirmation tag of a commit",
     .labels = {},
     .judged_in = {"mls/group_process.cpp"},
     .refusal = Code::confirmation_tag,
     .prepare = [] { return field_of_private(usual, a_commit, tag_of); }}};

const Registration content_ciphertext{
    {.name = "MLS: the ciphertext of a message",
     .labels = {},
     .judged_in = {"mls/message_protection.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto court = std::make_shared<Court>();
         const Bytes message = a_text(*court);
         auto forge = std::make_shared<Forge>(court->forge(1));
         auto opened = std::make_shared<OpenedMessage>(OpenedMessage::open(*forge, message));
         return [court, forge, opened](const Change& change) {
             return court->show(
                 opened->with_ciphertext(*forge, change(opened->message.ciphertext)));
         };
     }}};

const Registration sender_data{{.name = "MLS: the encrypted sender data of a message",
                                .labels = {},
                                .judged_in = {"mls/message_protection.cpp"},
                                .refusal = Code::forged,
                                .prepare = []() -> Present {
                                    auto court = std::make_shared<Court>();
                                    const Bytes message = a_text(*court);
                                    auto opened = std::make_shared<OpenedMessage>(
                                        OpenedMessage::open(court->forge(1), message));
                                    return [court, opened](const Change& change) {
                                        return court->show(opened->with_sender_data(
                                            change(opened->message.encrypted_sender_data)));
                                    };
                                }}};

/// A message of the epoch before Boris's own.
template <class Changed>
Present late(Changed changed) {
    auto court = std::make_shared<Court>();
    const Bytes message = a_text(*court);
    auto forge = std::make_shared<Forge>(court->forge(1));
    auto opened = std::make_shared<OpenedMessage>(OpenedMessage::open(*forge, message));
    court->circle.follow(0, court->circle.commit(0));
    court->remember();
    return [court, forge, opened, changed](const Change& change) {
        return court->show(changed(*forge, *opened, change));
    };
}

const Registration late_ciphertext{
    {.name = "MLS: the ciphertext of a late message",
     .labels = {},
     .judged_in = {"mls/message_protection.cpp"},
     .refusal = Code::forged,
     .prepare = [] {
         return late([](const Forge& forge, const OpenedMessage& opened, const Change& change) {
             return opened.with_ciphertext(forge, change(opened.message.ciphertext));
         });
     }}};

const Registration late_signature{
    {.name = "MLS: the signature of a late message",
     .labels = {"FramedContentTBS"},
     .judged_in = {"mls/message_protection.cpp"},
     .refusal = Code::message_signature,
     .prepare = [] {
         return late([](const Forge& forge, const OpenedMessage& opened, const Change& change) {
             return opened.with_auth(forge, {change(opened.auth.signature), {}});
         });
     }}};

/// A proposal of Anna's that is not encrypted.
PublicMessage open_proposal(const Court& court) {
    const Forge anna = court.forge(0);
    const auto message = must(codec::decode<MlsMessage>(
        anna.open(anna.sign(Proposal{Remove{{1}}}, WireFormat::PublicMessage))));
    return std::get<PublicMessage>(message.content);
}

const Registration membership_tag{
    {.name = "MLS: the membership tag of a public message",
     .labels = {},
     .judged_in = {"mls/message_protection.cpp"},
     .refusal = Code::membership_tag,
     .prepare = []() -> Present {
         auto court = std::make_shared<Court>();
         return [court, message = open_proposal(*court)](const Change& change) {
             PublicMessage changed = message;
             changed.membership_tag = change(*changed.membership_tag);
             return court->show(codec::encode(MlsMessage{std::move(changed)}));
         };
     }}};

const Registration public_signature{
    {.name = "MLS: the signature of a public message",
     .labels = {"FramedContentTBS"},
     .judged_in = {"mls/message_protection.cpp"},
     .refusal = Code::message_signature,
     .prepare = []() -> Present {
         auto court = std::make_shared<Court>();
         auto forge = std::make_shared<Forge>(court->forge(1));
         return [court, forge, message = open_proposal(*court)](const Change& change) {
             PublicMessage changed = message;
             changed.auth.signature = change(changed.auth.signature);
             return court->show(with_membership_tag(*forge, std::move(changed)));
         };
     }}};

/// A commit of Anna's with a path in which one thing is changed before the rest is made.
template <class Spoil>
Present spoiled_path(Spoil spoil) {
    return [court = std::make_shared<Court>(), spoil](const Change& change) {
        Forge anna = court->forge(0);
        spoil(anna.spoilers, change);
        return court->show(anna.path_commit());
    };
}

const Registration path_leaf{
    {.name = "MLS: the signature of the leaf in a commit's path",
     .labels = {"LeafNodeTBS"},
     .judged_in = {"mls/leaf_node.cpp"},
     .refusal = Code::leaf_signature,
     .prepare = [] {
         return spoiled_path([](Forge::Spoilers& spoilers, const Change& change) {
             spoilers.leaf_signature = [change](Bytes& field) { field = change(field); };
         });
     }}};

const Registration path_parent_hash{
    {.name = "MLS: the parent hash in a commit's path",
     .labels = {},
     .judged_in = {"mls/group_process.cpp"},
     .refusal = Code::parent_hash,
     .prepare = [] {
         return spoiled_path([](Forge::Spoilers& spoilers, const Change& change) {
             spoilers.parent_hash = [change](Bytes& field) { field = change(field); };
         });
     }}};

// Boris's own, under the lowest node: the encapsulation and the ciphertext after each other.
const Registration path_secret{
    {.name = "MLS: a path secret encrypted in a commit's path",
     .labels = {"UpdatePathNode"},
     .judged_in = {"mls/treekem.cpp"},
     .refusal = Code::path_not_for_us,
     .prepare = [] {
         return spoiled_path([](Forge::Spoilers& spoilers, const Change& change) {
             spoilers.path = [change](std::vector<UpdatePathNode>& path) {
                 HpkeCiphertext& sealed = path.at(0).encrypted_path_secrets.at(0);
                 const std::size_t encapsulation = sealed.kem_output.size();
                 Bytes both = sealed.kem_output;
                 append(both, sealed.ciphertext);
                 both = change(both);
                 const std::size_t split = std::min(encapsulation, both.size());
                 sealed = {to_bytes(BytesView(both).first(split)),
                           to_bytes(BytesView(both).subspan(split))};
             };
         });
     }}};

}  // namespace
