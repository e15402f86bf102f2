// SPDX-License-Identifier: Apache-2.0
#include "wire/capture.h"

#include <pcap/pcap.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "util/error.h"

namespace klass::wire {

void Capture::add(const Bytes &frame) {
    if (bytes_ + frame.size() > limit)
        return;
    bytes_ += frame.size();
    frames_.push_back({std::chrono::system_clock::now(), frame});
}

Bytes Capture::file() const {
    constexpr int longest = 65535;
    char *text = nullptr;
    std::size_t size = 0;
    // libpcap closes the stream with its dumper.
    FILE *stream = open_memstream(&text, &size);
    const std::unique_ptr<pcap_t, void (*)(pcap_t *)> link(pcap_open_dead(DLT_EN10MB, longest),
                                                           pcap_close);
    pcap_dumper_t *dumper =
        stream != nullptr && link ? pcap_dump_fopen(link.get(), stream) : nullptr;
    if (dumper == nullptr)
        throw GraderFault("no memory for a capture of the network");
    for (const Frame &frame : frames_) {
        const auto since =
            std::chrono::duration_cast<std::chrono::microseconds>(frame.when.time_since_epoch())
                .count();
        pcap_pkthdr header{};
        header.ts.tv_sec = since / 1000000;
        header.ts.tv_usec = since % 1000000;
        header.caplen = static_cast<bpf_u_int32>(frame.bytes.size());
        header.len = header.caplen;
        pcap_dump(reinterpret_cast<u_char *>(dumper), &header, frame.bytes.data());
    }
    pcap_dump_close(dumper);
    const std::unique_ptr<char, void (*)(void *)> owned(text, std::free);
    return {text, text + size};
}

}  // namespace klass::wire
