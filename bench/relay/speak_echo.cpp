// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bench/relay/frame.h"
#include "bench/relay/speakers.h"

// The floor: the same frames as the relay gets, in TLS and nothing else, and the same frames back.

namespace cercle::bench {
namespace {

class Echo final : public Asker {
  public:
    explicit Echo(PostFrame frame)
        : frame_(std::move(frame)) {}

    void begin(Line& /*line*/) override { hearing.ready(); }

    void append(Line& line) override {
        const BytesView frame = frame_.next();
        expected_ += frame.size();
        line.send(frame);
    }

    void hear(Line& /*line*/, BytesView bytes) override {
        heard_ += bytes.size();
        const std::size_t size = frame_.size();
        while (heard_ >= size) {
            heard_ -= size;
            expected_ -= size;
            hearing.answered(0);
        }
    }

  private:
    PostFrame frame_;
    std::size_t heard_ = 0;
    std::size_t expected_ = 0;
};

}  // namespace

std::unique_ptr<Asker> speak_echo(const Town& town, std::uint32_t writer, Where where) {
    return std::make_unique<Echo>(PostFrame(town.post(writer, where)));
}

}  // namespace cercle::bench
