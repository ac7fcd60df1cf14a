// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/framing.h"

namespace cercle::mls {
namespace {

template <class Wanted>
Result<MlsMessage> read_as(codec::Reader& reader) {
    TRY(auto content, codec::read<Wanted>(reader));
    return MlsMessage{std::move(content)};
}

Result<WireFormat> read_wire_format(codec::Reader& reader) {
    TRY(const auto version, codec::read<ProtocolVersion>(reader));
    if (version != ProtocolVersion::Mls10) {
        return fail(Code::version_unsupported, "a message of another protocol version");
    }
    return codec::read<WireFormat>(reader);
}

Result<void> check_content_type(ContentType type) {
    if (type < ContentType::Application || type > ContentType::Commit) {
        return fail(Code::malformed, "content of no known type");
    }
    return {};
}

}  // namespace

void Sender::encode_to(codec::Writer& writer) const {
    codec::write(writer, type);
    if (type == SenderType::Member) codec::write(writer, leaf);
    if (type == SenderType::External) codec::write(writer, external_index);
}

Result<Sender> Sender::decode_from(codec::Reader& reader) {
    Sender sender;
    TRY(sender.type, codec::read<SenderType>(reader));
    switch (sender.type) {
        case SenderType::Member: {
            TRY(sender.leaf, codec::read<LeafIndex>(reader));
            return sender;
        }
        case SenderType::External: {
            TRY(sender.external_index, codec::read<std::uint32_t>(reader));
            return sender;
        }
        case SenderType::NewMemberProposal:
        case SenderType::NewMemberCommit:
            return sender;
    }
    return fail(Code::malformed, "a sender of no known type");
}

ContentType type_of(const Content& content) {
    return static_cast<ContentType>(content.index() + 1);
}

void write_content(codec::Writer& writer, const Content& content) {
    std::visit([&](const auto& chosen) { codec::write(writer, chosen); }, content);
}

Result<Content> read_content(codec::Reader& reader, ContentType type) {
    switch (type) {
        case ContentType::Application: {
            TRY(auto data, codec::read<Bytes>(reader));
            return Content(std::move(data));
        }
        case ContentType::Proposal: {
            TRY(auto proposal, codec::read<Proposal>(reader));
            return Content(std::move(proposal));
        }
        case ContentType::Commit: {
            TRY(auto commit, codec::read<Commit>(reader));
            return Content(std::move(commit));
        }
    }
    return fail(Code::malformed, "content of no known type");
}

void FramedContent::encode_to(codec::Writer& writer) const {
    codec::write(writer, group_id);
    codec::write(writer, epoch);
    codec::write(writer, sender);
    codec::write(writer, authenticated_data);
    codec::write(writer, type_of(content));
    write_content(writer, content);
}

Result<FramedContent> FramedContent::decode_from(codec::Reader& reader) {
    FramedContent framed;
    TRY(framed.group_id, codec::read<Bytes>(reader));
    TRY(framed.epoch, codec::read<Epoch>(reader));
    TRY(framed.sender, codec::read<Sender>(reader));
    TRY(framed.authenticated_data, codec::read<Bytes>(reader));
    TRY(const auto type, codec::read<ContentType>(reader));
    TRY(framed.content, read_content(reader, type));
    return framed;
}

void ContentAuth::write_to(codec::Writer& writer) const {
    codec::write(writer, signature);
    if (confirmation_tag) codec::write(writer, *confirmation_tag);
}

Result<ContentAuth> ContentAuth::read_from(codec::Reader& reader, ContentType type) {
    ContentAuth auth;
    TRY(auth.signature, codec::read<Bytes>(reader));
    if (type == ContentType::Commit) {
        TRY(auth.confirmation_tag, codec::read<Bytes>(reader));
    }
    return auth;
}

void AuthenticatedContent::encode_to(codec::Writer& writer) const {
    codec::write(writer, wire_format);
    codec::write(writer, content);
    auth.write_to(writer);
}

Result<AuthenticatedContent> AuthenticatedContent::decode_from(codec::Reader& reader) {
    AuthenticatedContent read;
    TRY(read.wire_format, codec::read<WireFormat>(reader));
    TRY(read.content, codec::read<Original<FramedContent>>(reader));
    TRY(read.auth, ContentAuth::read_from(reader, type_of(read.content->content)));
    return read;
}

Bytes proposal_ref(const Suite& suite, const AuthenticatedContent& proposal) {
    return ref_hash(suite, "MLS 1.0 Proposal Reference", codec::encode(proposal));
}

void PublicMessage::encode_to(codec::Writer& writer) const {
    codec::write(writer, content);
    auth.write_to(writer);
    if (membership_tag) codec::write(writer, *membership_tag);
}

Result<PublicMessage> PublicMessage::decode_from(codec::Reader& reader) {
    PublicMessage message;
    TRY(message.content, codec::read<Original<FramedContent>>(reader));
    TRY(message.auth, ContentAuth::read_from(reader, type_of(message.content->content)));
    if (message.content->sender.type == SenderType::Member) {
        TRY(message.membership_tag, codec::read<Bytes>(reader));
    }
    return message;
}

Result<void> PrivateMessage::check() const {
    return check_content_type(content_type);
}

void MlsMessage::encode_to(codec::Writer& writer) const {
    codec::write(writer, ProtocolVersion::Mls10);
    codec::write(writer, static_cast<WireFormat>(content.index() + 1));
    std::visit([&](const auto& chosen) { codec::write(writer, chosen); }, content);
}

Result<MlsMessage> MlsMessage::decode_from(codec::Reader& reader) {
    TRY(const auto format, read_wire_format(reader));
    switch (format) {
        case WireFormat::PublicMessage:
            return read_as<PublicMessage>(reader);
        case WireFormat::PrivateMessage:
            return read_as<PrivateMessage>(reader);
        case WireFormat::Welcome:
            return read_as<Welcome>(reader);
        case WireFormat::GroupInfo:
            return read_as<GroupInfo>(reader);
        case WireFormat::KeyPackage:
            return read_as<KeyPackage>(reader);
    }
    return fail(Code::wire_format, "a message of no known wire format");
}

Result<Peeked> peek(BytesView mls_message) {
    codec::Reader reader(mls_message);
    Peeked peeked;
    TRY(peeked.wire_format, read_wire_format(reader));
    if (peeked.wire_format < WireFormat::PublicMessage ||
        peeked.wire_format > WireFormat::KeyPackage) {
        return fail(Code::wire_format, "a message of no known wire format");
    }
    if (peeked.wire_format > WireFormat::PrivateMessage) return peeked;
    TRY(peeked.group_id, codec::read<Bytes>(reader));
    TRY(peeked.epoch, codec::read<Epoch>(reader));
    if (peeked.wire_format == WireFormat::PublicMessage) {
        TRY_VOID(codec::read<Sender>(reader));
        TRY_VOID(reader.opaque());  // authenticated_data
    }
    TRY(peeked.content, codec::read<ContentType>(reader));
    TRY_VOID(check_content_type(peeked.content));
    return peeked;
}

crypto::Digest message_hash(BytesView mls_message) {
    return crypto::sha256(mls_message);
}

}  // namespace cercle::mls
