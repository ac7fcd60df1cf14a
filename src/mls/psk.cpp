// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/psk.h"

namespace cercle::mls {

void PskId::encode_to(codec::Writer& writer) const {
    codec::write(writer, type);
    if (type == PskType::External) {
        codec::write(writer, external_id);
    } else {
        codec::write(writer, usage);
        codec::write(writer, group_id);
        codec::write(writer, epoch);
    }
    codec::write(writer, nonce);
}

Result<PskId> PskId::decode_from(codec::Reader& reader) {
    PskId id;
    TRY(id.type, codec::read<PskType>(reader));
    if (id.type == PskType::External) {
        TRY(id.external_id, codec::read<Bytes>(reader));
    } else if (id.type == PskType::Resumption) {
        TRY(id.usage, codec::read<ResumptionUsage>(reader));
        TRY(id.group_id, codec::read<Bytes>(reader));
        TRY(id.epoch, codec::read<Epoch>(reader));
    } else {
        return fail(Code::malformed, "a pre-shared key that is neither external nor resumption");
    }
    TRY(id.nonce, codec::read<Bytes>(reader));
    return id;
}

PskId external_psk_id(BytesView id) {
    PskId named;
    named.external_id = to_bytes(id);
    return named;
}

PskId resumption_psk_id(BytesView group_id, Epoch epoch) {
    PskId named;
    named.type = PskType::Resumption;
    named.group_id = to_bytes(group_id);
    named.epoch = epoch;
    return named;
}

Result<Secret> PskSource::resumption_psk(BytesView /*group_id*/, Epoch /*epoch*/) const {
    return fail(Code::psk_unknown, "a resumption key of an epoch that is not kept");
}

}  // namespace cercle::mls
