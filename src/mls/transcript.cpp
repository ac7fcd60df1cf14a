// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/transcript.h"

namespace cercle::mls {

Bytes confirmed_transcript_hash(const Suite& suite,
                                BytesView interim_before,
                                const AuthenticatedContent& commit) {
    // struct { WireFormat wire_format; FramedContent content; opaque signature<V>; }
    // ConfirmedTranscriptHashInput;
    codec::Writer input;
    codec::write(input, commit.wire_format);
    codec::write(input, commit.content);
    codec::write(input, commit.auth.signature);
    return crypto::hash(suite.hash(), {interim_before, input.bytes()});
}

Bytes interim_transcript_hash(const Suite& suite,
                              BytesView confirmed,
                              const Bytes& confirmation_tag) {
    // struct { MAC confirmation_tag; } InterimTranscriptHashInput;
    return crypto::hash(suite.hash(), {confirmed, codec::encode(confirmation_tag)});
}

}  // namespace cercle::mls
