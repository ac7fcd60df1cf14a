// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Messages as they travel (RFC 9420 section 6): the structs, and nothing that believes them.
// message_protection.h turns them into verified content and back.

#include <optional>
#include <variant>
#include <vector>

#include "mls/proposal.h"
#include "mls/welcome.h"
#include "mls/wire_format.h"

namespace cercle::mls {

enum class SenderType : std::uint8_t {
    Member = 1,
    External = 2,
    NewMemberProposal = 3,
    NewMemberCommit = 4,
};

/// struct { SenderType sender_type; select (...) { case member: uint32 leaf_index; case
/// external: uint32 sender_index; case new_member_...: struct{}; }; } Sender;
struct Sender {
    SenderType type = SenderType::Member;
    LeafIndex leaf;
    std::uint32_t external_index = 0;

    [[nodiscard]] static Sender member(LeafIndex leaf) { return {SenderType::Member, leaf, 0}; }

    void encode_to(codec::Writer& writer) const;
    [[nodiscard]] static Result<Sender> decode_from(codec::Reader& reader);
};

/// select (content_type) { case application: opaque application_data<V>; case proposal:
/// Proposal proposal; case commit: Commit commit; }; alternatives in the order of ContentType.
using Content = std::variant<Bytes, Proposal, Commit>;

[[nodiscard]] ContentType type_of(const Content& content);
void write_content(codec::Writer& writer, const Content& content);
[[nodiscard]] Result<Content> read_content(codec::Reader& reader, ContentType type);

/// struct { opaque group_id<V>; uint64 epoch; Sender sender; opaque authenticated_data<V>;
/// ContentType content_type; select (...) } FramedContent;
struct FramedContent {
    Bytes group_id;
    Epoch epoch;
    Sender sender;
    Bytes authenticated_data;
    Content content;

    void encode_to(codec::Writer& writer) const;
    [[nodiscard]] static Result<FramedContent> decode_from(codec::Reader& reader);
};

/// struct { opaque signature<V>; select (content_type) { case commit: MAC confirmation_tag; }; }
/// FramedContentAuthData; the tag stands in commits, and only there.
struct ContentAuth {
    Bytes signature;
    std::optional<Bytes> confirmation_tag;

    void write_to(codec::Writer& writer) const;
    [[nodiscard]] static Result<ContentAuth> read_from(codec::Reader& reader, ContentType type);
};

/// struct { WireFormat wire_format; FramedContent content; FramedContentAuthData auth; }
/// AuthenticatedContent;
struct AuthenticatedContent {
    WireFormat wire_format = WireFormat::PrivateMessage;
    Original<FramedContent> content;
    ContentAuth auth;

    void encode_to(codec::Writer& writer) const;
    [[nodiscard]] static Result<AuthenticatedContent> decode_from(codec::Reader& reader);
};

/// The hash that names a proposal in a commit (section 5.2).
[[nodiscard]] Bytes proposal_ref(const Suite& suite, const AuthenticatedContent& proposal);

/// struct { FramedContent content; FramedContentAuthData auth; select (sender_type) { case
/// member: MAC membership_tag; ... }; } PublicMessage;
struct PublicMessage {
    Original<FramedContent> content;
    ContentAuth auth;
    std::optional<Bytes> membership_tag;

    void encode_to(codec::Writer& writer) const;
    [[nodiscard]] static Result<PublicMessage> decode_from(codec::Reader& reader);
};

struct PrivateMessage {
    Bytes group_id;
    Epoch epoch;
    ContentType content_type{};
    Bytes authenticated_data;
    Bytes encrypted_sender_data;
    Bytes ciphertext;

    auto fields(this auto& self) {
        return std::tie(self.group_id,
                        self.epoch,
                        self.content_type,
                        self.authenticated_data,
                        self.encrypted_sender_data,
                        self.ciphertext);
    }

    /// Errors: malformed (of the content type).
    [[nodiscard]] Result<void> check() const;
};

/// struct { ProtocolVersion version = mls10; WireFormat wire_format; select (...) } MLSMessage;
/// alternatives in the order of WireFormat.
struct MlsMessage {
    std::variant<PublicMessage, PrivateMessage, Welcome, GroupInfo, KeyPackage> content;

    void encode_to(codec::Writer& writer) const;
    /// Errors: version_unsupported, wire_format.
    [[nodiscard]] static Result<MlsMessage> decode_from(codec::Reader& reader);
};

}  // namespace cercle::mls
