// SPDX-License-Identifier: AGPL-3.0-or-later
#include "access/label.h"

#include "base/check.h"
#include "codec/tls.h"

namespace cercle::access {
namespace {

Bytes labelled(Label label, BytesView content) {
    codec::Writer writer;
    writer.opaque(view_of(label_text(label)));
    writer.opaque(content);
    return std::move(writer).take();
}

}  // namespace

std::string_view label_text(Label label) {
    switch (label) {
        case Label::DeviceSession:
            return "Cercle 1 device session";
        case Label::OfficerSession:
            return "Cercle 1 officer session";
        case Label::Reader:
            return "Cercle 1 reader";
        case Label::BundleEpoch:
            return "Cercle 1 bundle epoch";
        case Label::BundleAuthor:
            return "Cercle 1 bundle author";
        case Label::Order:
            return "Cercle 1 order";
        case Label::Incarnation:
            return "Cercle 1 incarnation";
        case Label::Checkpoint:
            return "Cercle 1 records checkpoint";
        case Label::HolderSession:
            return "Cercle 1 holder session";
        case Label::CardBinding:
            return "Cercle 1 card binding";
        case Label::CardFace:
            return "Cercle 1 card face";
        case Label::CardClaim:
            return "Cercle 1 card claim";
        case Label::CardLetter:
            return "Cercle 1 card letter";
        case Label::CardAnswer:
            return "Cercle 1 card answer";
        case Label::CardAnswering:
            return "Cercle 1 card answering";
    }
    end_on_bug("a label without a text");
}

Bytes sign(const crypto::SigningKey& key, Label label, BytesView content) {
    return key.sign(labelled(label, content));
}

Result<void> verify(BytesView public_key, Label label, BytesView content, BytesView signature) {
    return crypto::verify(
        crypto::SignatureAlgorithm::Ed25519, public_key, labelled(label, content), signature);
}

}  // namespace cercle::access
