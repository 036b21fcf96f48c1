from rest_framework.pagination import PageNumberPagination


class Pagination(PageNumberPagination):
    page_size = 50
    invalid_page_message = "There is no such page: the list is shorter."
    page_size_query_param = "page_size"
    max_page_size = 200
