// What Python sees of the library: candela_engines._native.
#include "arrays.hpp"

NB_MODULE(_native, m) {
    m.doc() = "Candela's native library: coded streams and networks.";
    m.attr("ABI") = 5;  // goes up with every change that Python has to know of; native.py of candela_engines says which it needs
    bind_coding(m);
    bind_dense(m);
    bind_video_out(m);
    bind_frame(m);
    bind_fit(m);
    bind_plane(m);
    bind_fields(m);
    bind_targets(m);
    bind_sine(m);
    bind_fidelity(m);
    bind_video(m);
    bind_model(m);
    bind_qc(m);
    bind_views(m);
}
