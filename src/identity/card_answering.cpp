// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/card_answering.h"

#include "access/label.h"
#include "codec/tls.h"
#include "identity/card_face.h"

namespace cercle::identity {
namespace {

constexpr std::string_view names_label = "Cercle 1 card names";

Result<ShownFace> open_answered(const SignedFace& signed_face,
                                const protocol::CardId& card,
                                const CardKey& card_key) {
    TRY(AnsweredFace face, codec::decode<AnsweredFace>(signed_face.face));
    TRY(const Answering answering, open_answering(face.answering, card, card_key));
    TRY_VOID(access::verify(
        answering.key.view(), access::Label::CardFace, signed_face.face, signed_face.signature));
    if (face.card != card) return fail(Code::forged, "the face of another card");
    return ShownFace{face.number, std::move(face.key), answering};
}

}  // namespace

crypto::Digest hash_of_names(const AnsweringNames& names) {
    codec::Writer writer;
    writer.opaque(view_of(names_label));
    codec::write(writer, names.salt);
    writer.opaque(view_of(names.answerer));
    writer.opaque(view_of(names.owner));
    return crypto::sha256(writer.bytes());
}

SignedAnswering sign_answering(const Answering& answering, const crypto::SigningKey& card_key) {
    Bytes content = codec::encode(answering);
    Bytes signature = access::sign(card_key, access::Label::CardAnswering, content);
    return {std::move(content), std::move(signature)};
}

Result<Answering> open_answering(const SignedAnswering& signed_answering,
                                 const protocol::CardId& card,
                                 const CardKey& card_key) {
    TRY_VOID(access::verify(card_key.view(),
                            access::Label::CardAnswering,
                            signed_answering.answering,
                            signed_answering.signature));
    TRY(const auto answering, codec::decode<Answering>(signed_answering.answering));
    if (answering.version != answering_version) {
        return fail(Code::unsupported, "a word on who answers a card, of another version");
    }
    if (answering.card != card) return fail(Code::forged, "a word on who answers another card");
    return answering;
}

Bytes close_answered_face(const AnsweredFace& face,
                          const crypto::SigningKey& answering_key,
                          const Secret& face_key,
                          Random& random) {
    Bytes content = codec::encode(face);
    Bytes signature = access::sign(answering_key, access::Label::CardFace, content);
    return close_signed_face({std::move(content), std::move(signature)}, face_key, random);
}

Result<ShownFace> open_face(BytesView closed,
                            const protocol::CardId& card,
                            const CardKey& card_key,
                            const Secret& face_key) {
    TRY(const SignedFace signed_face, open_signed_face(closed, face_key));
    // The version is the first byte of either.
    const bool answered =
        !signed_face.face.empty() && signed_face.face.front() == answered_face_version;
    if (answered) return open_answered(signed_face, card, card_key);
    TRY(Face face, judge_face(signed_face, card, card_key));
    return ShownFace{face.number, std::move(face.key)};
}

}  // namespace cercle::identity
