// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Transcript hashes: what every commit so far amounts to (RFC 9420 section 8.2).

#include "mls/framing.h"

namespace cercle::mls {

/// confirmed_transcript_hash_[epoch] = Hash(interim_transcript_hash_[epoch - 1] ||
/// ConfirmedTranscriptHashInput_[epoch])
[[nodiscard]] Bytes confirmed_transcript_hash(const Suite& suite,
                                              BytesView interim_before,
                                              const AuthenticatedContent& commit);

/// interim_transcript_hash_[epoch] = Hash(confirmed_transcript_hash_[epoch] ||
/// InterimTranscriptHashInput_[epoch])
[[nodiscard]] Bytes interim_transcript_hash(const Suite& suite,
                                            BytesView confirmed,
                                            const Bytes& confirmation_tag);

}  // namespace cercle::mls
