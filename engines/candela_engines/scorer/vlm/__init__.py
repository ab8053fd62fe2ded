"""A vision language model that is served elsewhere, asked for its opinion of a grade.

`exchange` is one HTTP request that ends in time whatever the server does, `endpoint` the chat API of OpenAI
as vLLM and TensorRT-LLM serve it, `question` what is asked, `answer` what of the answer counts, `pictures`
the frames it is shown, `opinion` the mean of several answers. What such a model says is told beside what was
measured and never mixed with it. It is called by the name that it is served under, and by no other.
"""
