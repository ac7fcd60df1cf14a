// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Signing, encrypting and their reverse (RFC 9420 sections 6.1 to 6.3).
//
// The ladder of something received, each rung a type of its own:
//
//     MlsMessage -> PublicMessage   --membership tag-->  UnverifiedContent
//                   PrivateMessage  --sender data, AEAD--^       |
//                                                            signature
//                                                                v
//                                                         VerifiedContent

#include "mls/framing.h"
#include "mls/secret_tree.h"

namespace cercle::mls {

/// Content whose signature by the sender it names has been verified, or made here.
class VerifiedContent {
  public:
    [[nodiscard]] const AuthenticatedContent& authenticated() const { return content_; }

    [[nodiscard]] const FramedContent& framed() const { return *content_.content; }

    /// `context` is the encoded GroupContext, wherever it appears here.
    [[nodiscard]] static VerifiedContent sign(WireFormat format,
                                              FramedContent content,
                                              BytesView context,
                                              const crypto::SigningKey& key);
    /// A commit gets its tag when the next epoch's keys are known.
    [[nodiscard]] VerifiedContent with_confirmation_tag(Bytes tag) &&;

  private:
    friend class UnverifiedContent;

    explicit VerifiedContent(AuthenticatedContent content)
        : content_(std::move(content)) {}

    AuthenticatedContent content_;
};

/// Decrypted, perhaps; of the sender it names, perhaps.
class UnverifiedContent {
  public:
    explicit UnverifiedContent(AuthenticatedContent content)
        : content_(std::move(content)) {}

    [[nodiscard]] const Sender& claimed_sender() const { return content_.content->sender; }

    [[nodiscard]] ContentType claimed_type() const { return type_of(content_.content->content); }

    /// Errors: message_signature.
    [[nodiscard]] Result<VerifiedContent> verify(const Suite& suite,
                                                 BytesView context,
                                                 BytesView signature_key) &&;

  private:
    AuthenticatedContent content_;
};

[[nodiscard]] PublicMessage protect_publicly(const Suite& suite,
                                             const VerifiedContent& content,
                                             BytesView context,
                                             const Secret& membership_key);
/// Errors: membership_tag, application_in_public.
[[nodiscard]] Result<UnverifiedContent> unprotect_publicly(const Suite& suite,
                                                           PublicMessage message,
                                                           BytesView context,
                                                           const Secret& membership_key);

/// struct { uint32 leaf_index; uint32 generation; opaque reuse_guard[4]; } SenderData;
struct SenderData {
    LeafIndex leaf;
    std::uint32_t generation = 0;
    std::array<std::uint8_t, 4> reuse_guard{};

    auto fields(this auto& self) { return std::tie(self.leaf, self.generation, self.reuse_guard); }
};

/// sender_data_key and sender_data_nonce (section 6.3.2).
[[nodiscard]] MessageKey sender_data_key(const Suite& suite,
                                         const Secret& sender_data_secret,
                                         BytesView ciphertext);

/// `key` is the sender's, of `generation`; `padding` zero bytes are added.
[[nodiscard]] PrivateMessage protect_privately(const Suite& suite,
                                               const VerifiedContent& content,
                                               const Secret& sender_data_secret,
                                               const SecretTree::Found& key,
                                               std::size_t padding,
                                               Random& random);
/// Who sent it, and under which key? Errors: forged, malformed and the like.
[[nodiscard]] Result<SenderData> open_sender_data(const Suite& suite,
                                                  const PrivateMessage& message,
                                                  const Secret& sender_data_secret);
/// Errors: forged, padding_not_zero, malformed and the like.
[[nodiscard]] Result<UnverifiedContent> unprotect_privately(const Suite& suite,
                                                            const PrivateMessage& message,
                                                            const SenderData& sender,
                                                            const MessageKey& key);

/// The ratchet that messages of a type use (section 9.1).
[[nodiscard]] RatchetKind ratchet_for(ContentType type);

}  // namespace cercle::mls
