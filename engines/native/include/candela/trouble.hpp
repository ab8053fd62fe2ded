// What can be wrong with a file and its payload. The kinds are those of candela_engines/errors.py.
#pragma once

#include <stdexcept>
#include <string>

namespace candela {

class Trouble : public std::runtime_error {
public:
    enum class Kind {
        no_payload,  // a sound file that carries none, with none beside it
        carrier,     // the structure of the file does not allow a payload to be found
        payload,     // payload bytes that are damaged, hostile, too large or of an unknown version
        media,       // a file that is not there or cannot be read
        machine,     // the machine failed, not the input
        colour,      // the SDR's colours go through OCIO, or are none that an SDR picture has
        frame,       // a frame that is not in the shot, or in none of the shots
        mismatch,    // a picture of another size than the payload's
    };

    // what: which file or value it is about, what is wrong, and what to do; for people to read, in UTF-8.
    Trouble(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}

    Kind kind() const { return kind_; }

private:
    Kind kind_;
};

}  // namespace candela
