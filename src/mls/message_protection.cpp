// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/message_protection.h"

#include <algorithm>

#include "crypto/aead.h"

namespace cercle::mls {
namespace {

constexpr std::string_view label = "FramedContentTBS";

// struct { ProtocolVersion version = mls10; WireFormat wire_format; FramedContent content;
//     select (FramedContentTBS.content.sender.sender_type) {
//         case member: case new_member_commit: GroupContext context;
//         case external: case new_member_proposal: struct{};
//     }; } FramedContentTBS;
Bytes to_be_signed(WireFormat format, const Original<FramedContent>& content, BytesView context) {
    codec::Writer writer;
    codec::write(writer, ProtocolVersion::Mls10);
    codec::write(writer, format);
    codec::write(writer, content);
    const SenderType sender = content->sender.type;
    if (sender == SenderType::Member || sender == SenderType::NewMemberCommit) writer.raw(context);
    return std::move(writer).take();
}

// struct { FramedContentTBS content_tbs; FramedContentAuthData auth; } AuthenticatedContentTBM;
// membership_tag = MAC(membership_key, AuthenticatedContentTBM)
Bytes make_membership_tag(const Suite& suite,
                          const Original<FramedContent>& content,
                          const ContentAuth& auth,
                          BytesView context,
                          const Secret& membership_key) {
    codec::Writer writer;
    writer.raw(to_be_signed(WireFormat::PublicMessage, content, context));
    auth.write_to(writer);
    return mac(suite, membership_key, writer.bytes());
}

// struct { opaque group_id<V>; uint64 epoch; ContentType content_type; } SenderDataAAD;
// PrivateContentAAD goes on with: opaque authenticated_data<V>;
codec::Writer associated_data(const PrivateMessage& message) {
    codec::Writer writer;
    codec::write(writer, message.group_id);
    codec::write(writer, message.epoch);
    codec::write(writer, message.content_type);
    return writer;
}

Bytes content_associated_data(const PrivateMessage& message) {
    codec::Writer writer = associated_data(message);
    codec::write(writer, message.authenticated_data);
    return std::move(writer).take();
}

// "the reuse guard is XORed with the first four bytes of the nonce" (section 6.3.1).
Secret guarded(const Secret& nonce, const std::array<std::uint8_t, 4>& reuse_guard) {
    Secret result = nonce.copy();
    for (std::size_t at = 0; at < reuse_guard.size(); ++at)
        result.expose()[at] ^= reuse_guard[at];
    return result;
}

}  // namespace

VerifiedContent VerifiedContent::sign(WireFormat format,
                                      FramedContent content,
                                      BytesView context,
                                      const crypto::SigningKey& key) {
    AuthenticatedContent made{format, Original<FramedContent>(std::move(content)), {}};
    made.auth.signature = sign_with_label(key, label, to_be_signed(format, made.content, context));
    return VerifiedContent(std::move(made));
}

VerifiedContent VerifiedContent::with_confirmation_tag(Bytes tag) && {
    content_.auth.confirmation_tag = std::move(tag);
    return std::move(*this);
}

Result<VerifiedContent> UnverifiedContent::verify(const Suite& suite,
                                                  BytesView context,
                                                  BytesView signature_key) && {
    const Bytes content = to_be_signed(content_.wire_format, content_.content, context);
    if (!verify_with_label(suite, signature_key, label, content, content_.auth.signature)) {
        return fail(Code::message_signature, "a message whose signature does not verify");
    }
    return VerifiedContent(std::move(content_));
}

PublicMessage protect_publicly(const Suite& suite,
                               const VerifiedContent& content,
                               BytesView context,
                               const Secret& membership_key) {
    const AuthenticatedContent& made = content.authenticated();
    PublicMessage message{made.content, made.auth, std::nullopt};
    if (made.content->sender.type == SenderType::Member) {
        message.membership_tag =
            make_membership_tag(suite, made.content, made.auth, context, membership_key);
    }
    return message;
}

Result<UnverifiedContent> unprotect_publicly(const Suite& suite,
                                             PublicMessage message,
                                             BytesView context,
                                             const Secret& membership_key) {
    // "Applications MUST use PrivateMessage to encrypt application messages" (section 6).
    if (type_of(message.content->content) == ContentType::Application) {
        return fail(Code::application_in_public, "an application message that is not encrypted");
    }
    if (message.content->sender.type == SenderType::Member) {
        const Bytes expected =
            make_membership_tag(suite, message.content, message.auth, context, membership_key);
        if (!equal_in_constant_time(expected, *message.membership_tag)) {
            return fail(Code::membership_tag, "a message whose membership tag does not verify");
        }
    }
    return UnverifiedContent(AuthenticatedContent{
        WireFormat::PublicMessage, std::move(message.content), std::move(message.auth)});
}

MessageKey sender_data_key(const Suite& suite,
                           const Secret& sender_data_secret,
                           BytesView ciphertext) {
    // ciphertext_sample = ciphertext[0..KDF.Nh-1]; all of it if it is shorter.
    const BytesView sample = ciphertext.first(std::min(ciphertext.size(), suite.digest_size()));
    const Derivation derivation(suite, sender_data_secret);
    return {derivation.expand("key", sample, suite.key_size()),
            derivation.expand("nonce", sample, crypto::aead_nonce_size)};
}

PrivateMessage protect_privately(const Suite& suite,
                                 const VerifiedContent& content,
                                 const Secret& sender_data_secret,
                                 const SecretTree::Found& key,
                                 std::size_t padding,
                                 Random& random) {
    const FramedContent& framed = content.framed();
    PrivateMessage message;
    message.group_id = framed.group_id;
    message.epoch = framed.epoch;
    message.content_type = type_of(framed.content);
    message.authenticated_data = framed.authenticated_data;

    SenderData sender{framed.sender.leaf, key.generation, {}};
    random.fill(sender.reuse_guard);

    // struct { select (content_type) {...}; FramedContentAuthData auth; opaque padding[...]; }
    // PrivateMessageContent;
    codec::Writer plaintext;
    write_content(plaintext, framed.content);
    content.authenticated().auth.write_to(plaintext);
    plaintext.raw(Bytes(padding));
    message.ciphertext = crypto::aead_encrypt(suite.hpke.aead,
                                              key.key.key.reveal(),
                                              guarded(key.key.nonce, sender.reuse_guard).reveal(),
                                              content_associated_data(message),
                                              plaintext.bytes());

    const MessageKey over_sender = sender_data_key(suite, sender_data_secret, message.ciphertext);
    message.encrypted_sender_data = crypto::aead_encrypt(suite.hpke.aead,
                                                         over_sender.key.reveal(),
                                                         over_sender.nonce.reveal(),
                                                         associated_data(message).bytes(),
                                                         codec::encode(sender));
    return message;
}

Result<SenderData> open_sender_data(const Suite& suite,
                                    const PrivateMessage& message,
                                    const Secret& sender_data_secret) {
    const MessageKey key = sender_data_key(suite, sender_data_secret, message.ciphertext);
    TRY(const Bytes encoded,
        crypto::aead_decrypt(suite.hpke.aead,
                             key.key.reveal(),
                             key.nonce.reveal(),
                             associated_data(message).bytes(),
                             message.encrypted_sender_data));
    return codec::decode<SenderData>(encoded);
}

Result<UnverifiedContent> unprotect_privately(const Suite& suite,
                                              const PrivateMessage& message,
                                              const SenderData& sender,
                                              const MessageKey& key) {
    TRY(const Bytes plaintext,
        crypto::aead_decrypt(suite.hpke.aead,
                             key.key.reveal(),
                             guarded(key.nonce, sender.reuse_guard).reveal(),
                             content_associated_data(message),
                             message.ciphertext));
    codec::Reader reader(plaintext);
    FramedContent framed;
    framed.group_id = message.group_id;
    framed.epoch = message.epoch;
    framed.sender.leaf = sender.leaf;
    framed.authenticated_data = message.authenticated_data;
    TRY(framed.content, read_content(reader, message.content_type));
    TRY(auto auth, ContentAuth::read_from(reader, message.content_type));
    // "The padding field [...] MUST be filled with all zero bytes" (section 6.3.1).
    if (!std::ranges::all_of(reader.rest(), [](std::uint8_t byte) { return byte == 0; })) {
        return fail(Code::padding_not_zero, "padding that is not zero");
    }
    return UnverifiedContent(AuthenticatedContent{
        WireFormat::PrivateMessage, Original<FramedContent>(std::move(framed)), std::move(auth)});
}

RatchetKind ratchet_for(ContentType type) {
    return type == ContentType::Application ? RatchetKind::Application : RatchetKind::Handshake;
}

}  // namespace cercle::mls
